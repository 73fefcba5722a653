import { joinEtcdHosts } from '../config/etcd-host.ts'
import { type BackendConfig, namespace } from '../config/types.ts'
import { withoutUser } from '../pipe/host-user.ts'
import { isObject } from '../pipe/is-object.ts'
import type { JsonObject } from '../pipe/pipe.ts'
import { type Choice, DEFAULT_CHOICE } from './choice.ts'
import type { Wanted } from './discovery.ts'
import { readChoice } from './read-choice.ts'

type Backend = Pick<BackendConfig, 'sd' | 'hosts' | 'sdScheme' | 'extraConfig'>

const STATIC = 'static'

/** Whether a backend's list may change: a registry names it, or its written hosts are taken out while they fail. */
export function isWatched({ sd, extraConfig }: Pick<Backend, 'sd' | 'extraConfig'>): boolean {
  return sd !== STATIC || namespace(extraConfig, 'backend/discovery')?.['health'] !== undefined
}

/** What a backend asks discovery for: the service's name is `host[0]`; etcd takes all, and so does a written list. */
export function wantedBy(backend: Backend, path = 'backend'): Wanted {
  const { sd, sdScheme, hosts, extraConfig } = backend
  const written = namespace(extraConfig, 'backend/discovery')
  const registry = written?.['registry']
  const choice =
    written === undefined
      ? undefined
      : readChoice(written, `${path}.extra_config."backend/discovery"`)
  if (sd === STATIC) return { ...writtenList(hosts, choice), hasRing: walksRing(written) }
  return {
    sd,
    registry: typeof registry === 'string' ? registry : '',
    service: sd === 'etcd' ? joinEtcdHosts(hosts) : (hosts[0] ?? ''),
    scheme: sdScheme,
    ...(walksRing(written) ? { hasRing: true } : {}),
    ...(choice === undefined ? {} : { choice }),
  }
}

function walksRing(written: JsonObject | undefined): boolean {
  const balancer = written?.['balancer']
  const type = isObject(balancer) ? balancer['type'] : balancer
  return type === 'hash'
}

/** Of what is said of it only the checks can mean a list that no registry changes. */
function writtenList(hosts: readonly string[], choice: Choice | undefined): Wanted {
  return {
    sd: STATIC,
    registry: '',
    service: hosts.map(withoutUser).join(' '),
    scheme: 'http',
    hosts,
    choice: { ...DEFAULT_CHOICE, checks: choice?.checks },
  }
}

/** The same for everyone who wants the same hosts: one subscription a thread, one poll a process. */
export function wantedKey(wanted: Wanted): string {
  const { sd, registry, service, scheme, hosts, hasRing, choice } = wanted
  return JSON.stringify([sd, registry, service, scheme, hosts, hasRing, choice])
}
