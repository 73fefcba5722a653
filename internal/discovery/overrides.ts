import type { Found, Wanted } from './discovery.ts'
import { foundAtText } from './sources/found.ts'

/** What an operator asked for, for a while. */
export type Override = {
  readonly id: string
  /** The service, as `/discovery` names it. */
  readonly name: string
  /** Only the lists of this kind of registry; `''`: of all. */
  readonly sd: string
  readonly kind: 'pin' | 'exclude' | 'add'
  /** `host:port` or URLs. */
  readonly hosts: readonly string[]
  readonly untilMs: number
  /** Who or why, in the operator's words. */
  readonly reason: string
}

/** The list as operators want it: pins replace it, the excluded leave it, the added join it. */
export function applyOverrides(
  list: readonly Found[] | undefined,
  overrides: readonly Override[],
): readonly Found[] | undefined {
  if (overrides.length === 0) return list
  const hostsOf = (kind: Override['kind']) =>
    overrides.filter((override) => override.kind === kind).flatMap(({ hosts }) => hosts)
  const pinned = found(hostsOf('pin'))
  const start = pinned.length > 0 ? pinned : list
  const added = found(hostsOf('add'))
  if (start === undefined && added.length === 0) return undefined
  const isExcluded = excluder(hostsOf('exclude'))
  const known = new Set((start ?? []).map(addressOf))
  const more = added.filter((instance) => !known.has(addressOf(instance)))
  return [...(start ?? []), ...more].filter((instance) => !isExcluded(instance))
}

const found = (hosts: readonly string[]): Found[] =>
  hosts.flatMap((host) => foundAtText(host) ?? [])

const addressOf = ({ host, port }: Found): string => `${host.toLowerCase()}:${port}`

/** An instance is meant by its host and port, or by one of its addresses and the port. */
function excluder(hosts: readonly string[]): (instance: Found) => boolean {
  const excluded = new Set(found(hosts).map(addressOf))
  return (instance) =>
    excluded.has(addressOf(instance)) ||
    instance.addresses.some((address) => excluded.has(`${address}:${instance.port}`))
}

/** The overrides that are about a list. */
export function overridesFor(
  { sd, service }: Pick<Wanted, 'sd' | 'service'>,
  overrides: readonly Override[],
): readonly Override[] {
  return overrides.filter((one) => one.name === service && (one.sd === '' || one.sd === sd))
}
