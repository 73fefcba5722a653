import { joinEtcdHosts } from '../config/etcd-host.ts'
import type { Found, Wanted } from './discovery.ts'
import { staticInstance } from './sources/static.ts'

/** One source of a chain: what is asked for, or the list that stands in the configuration. */
export type WantedLink = {
  /** For explain. */
  readonly name: string
  readonly wanted: Wanted
  readonly fixed: readonly Found[] | undefined
}

const STATIC = 'static'

/** The sources of a list in the order in which they may serve: its own first, then its chain. */
export function chainOf(wanted: Wanted): WantedLink[] {
  const { sd, service, scheme, hosts, choice } = wanted
  const own = hosts?.map(staticInstance)
  const further = (choice?.chain ?? []).map(({ sd, registry, hosts }): WantedLink => {
    const service = sd === 'etcd' ? joinEtcdHosts(hosts) : (hosts[0] ?? '')
    const link = { sd, registry, service, scheme }
    return sd === STATIC
      ? { name: STATIC, wanted: link, fixed: hosts.map(staticInstance) }
      : { name: `${sd} ${service}`, wanted: link, fixed: undefined }
  })
  const name = own === undefined ? `${sd} ${service}` : STATIC
  return [{ name, wanted, fixed: own }, ...further]
}

export const isFixed = ({ fixed }: WantedLink): boolean => fixed !== undefined
