import type { ExtraConfig } from '../config/types.ts'
import { namespace } from '../config/types.ts'
import type { JsonObject } from '../pipe/pipe.ts'
import type { Settings } from './settings.ts'

/** What each setting is called under `discovery/etcd`. */
const ETCD = {
  etcdurl: 'endpoints',
  etcdtimer: 'timer',
  etcdusername: 'username',
  etcdpassword: 'password',
  etcdcafile: 'ca_file',
} as const satisfies Partial<Record<keyof Settings, string>>

/** The registries' options: what the configuration says, and over it what flags and variables say of etcd. */
export function registryOptions(
  extraConfig: ExtraConfig,
  settings: Pick<Settings, keyof typeof ETCD | 'given'>,
): ExtraConfig {
  const given = Object.entries(ETCD).filter(([name]) => settings.given.some((one) => one === name))
  if (given.length === 0) return extraConfig
  const etcd: JsonObject = Object.fromEntries(
    given.map(([name, key]) => {
      const value = settings[name as keyof typeof ETCD]
      return [key, typeof value === 'object' ? [...value] : value]
    }),
  )
  return {
    ...extraConfig,
    'discovery/etcd': { ...namespace(extraConfig, 'discovery/etcd'), ...etcd },
  }
}
