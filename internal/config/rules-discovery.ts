import type { BackendDocument, RootDocument } from './document.ts'
import { parseEtcdHost } from './etcd-host.ts'
import { sdOf, serviceName } from './hosts.ts'
import { nearestName } from './nearest.ts'
import { type Judged, type Path, shown } from './problem.ts'
import { chainFindings, staticFindings } from './rules-chain.ts'

const STATIC = 'static'
const REGISTRIES = ['dns', 'etcd', 'eureka', 'consul', 'zookeeper', 'nacos', 'kubernetes', 'file']
const NAMESPACE = 'discovery/'

/** The registries a backend's `sd` may name: the built-in ones and those that `discovery/<name>` adds. */
export function knownRegistries(root: RootDocument): string[] {
  const added = Object.keys(root.extra_config ?? {})
    .filter((namespace) => namespace.startsWith(NAMESPACE))
    .map((namespace) => namespace.slice(NAMESPACE.length))
  return [...new Set([...REGISTRIES, ...added])]
}

/** Judges a backend whose hosts come from a registry; `false` when they are static. */
export function discoveryFindings(
  root: RootDocument,
  backend: BackendDocument,
  path: Path,
  into: Judged,
): boolean {
  const own = backend.host ?? []
  const hosts = own.length > 0 ? own : (root.host ?? [])
  const sd = sdOf(backend.sd, hosts)
  if (sd === STATIC) {
    staticFindings(backend, path, into)
    return false
  }
  const registries = knownRegistries(root)
  if (!registries.includes(sd)) {
    into.errors.push({
      path: [...path, 'sd'],
      message: `unknown service discovery ${shown(sd)}`,
      allowed: [STATIC, ...registries].join(', '),
      nearest: sd === 'dns-shared' ? 'dns' : nearestName(sd, [STATIC, ...registries]),
    })
    return true
  }
  chainFindings(root, backend, { sd, registries, path }, into)
  const hostsPath: Path = own.length > 0 ? [...path, 'host'] : ['host']
  if (hosts.length === 0) {
    into.errors.push({
      path,
      message: `no host: sd ${shown(sd)} needs the service's name in host[0]`,
    })
  }
  if (sd === 'etcd') judgeEtcdHosts(hosts, hostsPath, into)
  for (const [at, host] of hosts.entries()) {
    if (serviceName(host, sd) === host) continue
    into.warnings.push({
      path: [...hostsPath, at],
      message: `a name for sd ${shown(sd)} has no scheme and no trailing slash`,
      found: shown(host),
      effect: `${shown(serviceName(host, sd))} is looked up; sd_scheme chooses http or https`,
    })
  }
  return true
}

function judgeEtcdHosts(hosts: readonly string[], path: Path, { errors }: Judged): void {
  for (const [index, host] of hosts.entries()) {
    const parsed = parseEtcdHost(host)
    if ('kind' in parsed) continue
    errors.push({
      path: [...path, index],
      message: `host ${shown(host)}, character ${parsed.at}: ${parsed.reason}`,
      allowed: 'etcd(key,default_URL), a key, a prefix ending in /, or a URL',
    })
  }
}

/** Whether every backend that inherits the service's hosts looks them up in a registry: then they are names. */
export function areServiceHostsNames(root: RootDocument): boolean {
  const backends = [...(root.endpoints ?? []), ...(root.async_agent ?? [])].flatMap(
    (parent) => parent.backend ?? [],
  )
  const inheriting = backends.filter((backend) => (backend.host ?? []).length === 0)
  return (
    inheriting.length > 0 &&
    inheriting.every((backend) => sdOf(backend.sd, root.host ?? []) !== STATIC)
  )
}
