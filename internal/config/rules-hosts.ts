import type { BackendDocument, RootDocument } from './document.ts'
import { cleanHost } from './hosts.ts'
import type { Judged, Path } from './problem.ts'
import { areServiceHostsNames, discoveryFindings } from './rules-discovery.ts'

/** The service's own hosts: static ones, unless all who inherit them ask a registry. */
export function judgeServiceHosts(root: RootDocument, judged: Judged): void {
  if (!areServiceHostsNames(root)) judgeHosts(root.host ?? [], ['host'], judged)
}

/** Where a backend's hosts come from, and whether they are any. */
export function judgeBackendHosts(
  root: RootDocument,
  backend: BackendDocument,
  path: Path,
  judged: Judged,
): void {
  if (discoveryFindings(root, backend, path, judged)) return
  const own = backend.host ?? []
  if (own.length > 0) {
    if (!backend.disable_host_sanitize) judgeHosts(own, [...path, 'host'], judged)
    return
  }
  if ((root.host ?? []).length > 0) return
  judged.warnings.push({
    path,
    message: 'no host, and the service has none to inherit',
    effect: "every call fails with 'no hosts available'",
  })
}

/** Static hosts must each be one address. */
function judgeHosts(hosts: readonly string[], path: Path, { errors }: Judged): void {
  for (const [at, host] of hosts.entries()) {
    if (cleanHost(host) !== undefined) continue
    errors.push({
      path: [...path, at],
      message: `host ${host} not valid: invalid host`,
      allowed: 'http(s)://name:port without a path; disable_host_sanitize takes a host as written',
    })
  }
}
