import { joinEtcdHosts } from '../config/etcd-host.ts'
import { type BackendConfig, namespace } from '../config/types.ts'
import type { Wanted } from './discovery.ts'
import { readChoice } from './read-choice.ts'

/** What a backend whose `sd` is not `static` asks discovery for: the service's name is `host[0]`; etcd takes all. */
export function wantedBy(
  backend: Pick<BackendConfig, 'sd' | 'hosts' | 'sdScheme' | 'extraConfig'>,
  path = 'backend',
): Wanted {
  const { sd, sdScheme, hosts, extraConfig } = backend
  const written = namespace(extraConfig, 'backend/discovery')
  const registry = written?.['registry']
  return {
    sd,
    registry: typeof registry === 'string' ? registry : '',
    service: sd === 'etcd' ? joinEtcdHosts(hosts) : (hosts[0] ?? ''),
    scheme: sdScheme,
    ...(written === undefined
      ? {}
      : { choice: readChoice(written, `${path}.extra_config."backend/discovery"`) }),
  }
}

/** The same for everyone who wants the same hosts: one subscription a thread, one poll a process. */
export function wantedKey(wanted: Wanted): string {
  const { sd, registry, service, scheme, choice } = wanted
  return JSON.stringify([sd, registry, service, scheme, choice])
}
