import { DiscoveryError } from '../../discovery.ts'
import { cleanName, type QuestionType, type Reply, type Row } from './message.ts'
import { negativeTtlMs } from './negative-ttl.ts'
import { type ResolverOptions, resolve } from './resolver.ts'

/** Longest chain of aliases that is followed. */
const LONGEST_CHAIN = 8

/** What a name leads to. */
export type Addresses = {
  readonly addresses: readonly string[]
  readonly ttlSeconds: number
  /** Aliases on the way. */
  readonly aliases: readonly string[]
  /** One family could not be asked: there may be more. */
  readonly isPartial: boolean
}

/** The name's IPv4 and IPv6 addresses. Rejects with `not-found` when there are none. */
export async function lookUpAddresses(
  name: string,
  options: ResolverOptions,
  signal: AbortSignal,
): Promise<Addresses> {
  const families = await Promise.allSettled([
    lookUpFamily(name, 'A', options, signal),
    lookUpFamily(name, 'AAAA', options, signal),
  ])
  signal.throwIfAborted()
  const found = families.flatMap((family) => (family.status === 'fulfilled' ? [family.value] : []))
  const failure = families.find((family) => family.status === 'rejected')
  const addresses = found.flatMap((family) => family.addresses)
  if (addresses.length === 0)
    throw (
      failure?.reason ??
      new DiscoveryError('not-found', `${name} has no address`, undefined, leastNegative(found))
    )
  return {
    addresses,
    ttlSeconds: Math.min(...found.map((family) => family.ttlSeconds)),
    aliases: [...new Set(found.flatMap((family) => family.aliases))],
    isPartial: failure !== undefined,
  }
}

type Family = Omit<Addresses, 'isPartial'> & { readonly negativeMs: number | undefined }

const leastNegative = (families: readonly Family[]): number | undefined =>
  families.reduce<number | undefined>(
    (least, { negativeMs }) =>
      negativeMs === undefined ? least : Math.min(least ?? negativeMs, negativeMs),
    undefined,
  )

async function lookUpFamily(
  name: string,
  type: 'A' | 'AAAA',
  options: ResolverOptions,
  signal: AbortSignal,
): Promise<Family> {
  const aliases: string[] = []
  let ttlSeconds = Number.POSITIVE_INFINITY
  for (let asked = name; aliases.length <= LONGEST_CHAIN; ) {
    const reply = await resolve({ type, name: asked }, options, signal)
    const chain = follow(reply, asked)
    aliases.push(...chain.aliases)
    ttlSeconds = Math.min(ttlSeconds, chain.ttlSeconds)
    const rows = rowsOf(reply.answers, type, chain.name)
    if (rows.length > 0 || chain.name === asked)
      return {
        addresses: rows.map((row) => row.address),
        ttlSeconds: rows.reduce((least, row) => Math.min(least, row.ttlSeconds), ttlSeconds),
        aliases,
        negativeMs: negativeTtlMs(reply),
      }
    asked = chain.name
  }
  throw new DiscoveryError('broken', `${name}: more than ${LONGEST_CHAIN} aliases`)
}

/** Follows the aliases that an answer holds. */
export function follow(reply: Reply, name: string) {
  const aliases: string[] = []
  let ttlSeconds = Number.POSITIVE_INFINITY
  let at = cleanName(name) ?? name
  while (aliases.length < LONGEST_CHAIN) {
    const alias = reply.answers.find((row) => row.type === 'CNAME' && row.name === at)
    if (alias?.type !== 'CNAME') break
    at = alias.target
    aliases.push(alias.target)
    ttlSeconds = Math.min(ttlSeconds, alias.ttlSeconds)
  }
  return { name: at, aliases, ttlSeconds }
}

/** The rows of one type and name. */
export function rowsOf<Type extends QuestionType>(
  rows: readonly Row[],
  type: Type,
  name: string,
): Extract<Row, { readonly type: Type }>[] {
  const isWanted = (row: Row): row is Extract<Row, { readonly type: Type }> =>
    row.type === type && row.name === name
  return rows.filter(isWanted)
}
