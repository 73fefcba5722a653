import type { ServiceConfig } from '../config/types.ts'
import { Registries } from '../discovery/registries.ts'
import { sources } from '../discovery/sources/table.ts'
import type { Logger } from '../telemetry/log.ts'
import { registryOptions } from './registry-options.ts'
import type { Settings } from './settings.ts'

export type RegistriesParts = {
  readonly log: Logger
  /** Cuts a value out of everything that is printed. */
  readonly secret: (value: string) => void
}

/** The registries that a configuration and the process's settings name. Throws a `ConfigError`. */
export function registriesOf(
  config: ServiceConfig,
  settings: Settings,
  { log, secret }: RegistriesParts,
): Registries {
  return new Registries(sources, registryOptions(config.extraConfig, settings), {
    log,
    now: Date.now,
    random: Math.random,
    dnsServers: settings.dnsServers.map(({ host, port }) =>
      host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`,
    ),
    secret,
  })
}
