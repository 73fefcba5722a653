import type { BackendConfig, EndpointConfig, ServiceConfig } from '../../config/types.ts'
import { type Discovered, discoverAll } from '../../discovery/discover.ts'
import type { ConfigProblem } from '../../errors.ts'
import { registriesOf } from '../../process/registries-of.ts'
import { readSettings } from '../../process/settings.ts'
import type { Logger } from '../../telemetry/log.ts'
import { secrets } from '../../telemetry/secrets.ts'
import type { Invocation } from '../command.ts'

/** What the registries of a configuration cannot answer, as problems of its backends. */
export async function unreachableLists(
  config: ServiceConfig,
  invocation: Invocation,
): Promise<ConfigProblem[]> {
  const hidden = secrets()
  const lists = await askOnce(config, invocation, hidden.add)
  return lists
    .filter((list) => !isSound(list))
    .map(({ backends, wanted, asked }) => {
      const reasons = asked
        .filter(({ result }) => result !== 'success')
        .map(
          ({ name, result, message }) =>
            `${name}: ${result}${message === '' ? '' : `: ${message}`}`,
        )
      const what = reasons.length === 0 ? 'no host is left by the filters' : reasons.join('; ')
      return {
        place: { path: backends[0] },
        message: hidden.redact(`${wanted.sd} ${wanted.service} has no whole answer: ${what}`),
      }
    })
}

/** Asks each registry of the configuration once. Throws a `ConfigError`. */
export async function askOnce(
  config: ServiceConfig,
  { flags, env }: Invocation,
  secret: (value: string) => void,
  isMeant?: (backend: BackendConfig, endpoint: EndpointConfig) => boolean,
): Promise<Discovered[]> {
  const settings = readSettings({ config: config.file, flags, env })
  const registries = registriesOf(config, settings, { log: SILENT, secret })
  try {
    return await discoverAll(config, registries, isMeant)
  } finally {
    await registries.closeAllBut(undefined)
  }
}

/** Whether a list came from where it should: its own registry answered, whole, and somebody is in it. */
export const isSound = ({ asked, current }: Discovered): boolean =>
  asked.every(({ result }) => result === 'success') &&
  current !== undefined &&
  (current.urls.length > 0 || current.isWithdrawn)

const nothing = (): void => undefined
const SILENT: Logger = {
  debug: nothing,
  info: nothing,
  warning: nothing,
  error: nothing,
  critical: nothing,
}
