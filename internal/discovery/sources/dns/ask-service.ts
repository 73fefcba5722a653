import { type Answer, DiscoveryError, type Found } from '../../discovery.ts'
import { type Addresses, follow, lookUpAddresses, rowsOf } from './addresses.ts'
import { cleanName, type Row } from './message.ts'
import { negativeTtlMs } from './negative-ttl.ts'
import { type Resolved, type ResolverOptions, resolve } from './resolver.ts'
import { searched } from './searched.ts'
import { byPriority, lowestPriority, type SrvRecord, WITHDRAWN_TARGET } from './srv.ts'

/** What became of one record, and its host when it serves. */
type Outcome = {
  readonly note: string
  readonly found?: Found
  readonly ttlSeconds?: number
  /** The host may well serve, but its addresses could not be asked for. */
  readonly isUnknown?: boolean
}

/** A service's SRV records with the addresses of their targets: of the lowest priority, or with `tiers` of each. */
export async function askService(
  options: ResolverOptions & { readonly tiers: boolean },
  names: readonly string[],
  signal: AbortSignal,
): Promise<Answer> {
  const { value, asked } = await searched(names, (name) => srvRows(name, options, signal))
  const { reply, rows, aliases } = value
  const records = rows.map((row) => row.srv)
  const heading = [
    `${reply.server} knows ${records.length} SRV records of ${asked}`,
    ...aliases.map((alias) => `the name is an alias of ${alias}`),
  ]
  if (records.every((record) => record.target === WITHDRAWN_TARGET))
    return { instances: [], notes: [...heading, 'target ".": withdrawn'], isWithdrawn: true }
  const usable = records.filter((record) => fault(record) === undefined)
  const best = options.tiers ? byPriority(usable) : lowestPriority(usable)
  const lookUp = once((host) => lookUpAddresses(host, options, signal))
  const outcomes = await Promise.all(
    best.map((record) => outcome(record, reply.additionals, lookUp, options.tiers)),
  )
  signal.throwIfAborted()
  const dropped = records.filter((record) => !best.includes(record))
  return {
    instances: outcomes.flatMap(({ found }) => (found === undefined ? [] : [found])),
    ttlMs: leastTtl([...rows, ...outcomes]) * 1000,
    notes: [...heading, ...outcomes.map(({ note }) => note), ...dropped.map(droppedNote)],
    isPartial: outcomes.some(({ isUnknown }) => isUnknown === true),
  }
}

type SrvRows = {
  readonly reply: Resolved
  readonly rows: readonly Extract<Row, { readonly type: 'SRV' }>[]
  readonly aliases: readonly string[]
}

async function srvRows(
  name: string,
  options: ResolverOptions,
  signal: AbortSignal,
): Promise<SrvRows> {
  const reply = await resolve({ type: 'SRV', name }, options, signal)
  const chain = follow(reply, name)
  const rows = rowsOf(reply.answers, 'SRV', chain.name)
  if (rows.length > 0) return { reply, rows, aliases: chain.aliases }
  const isMissing = reply.rcode !== 0
  const what = isMissing ? 'there is no such name' : 'the name has no SRV records'
  const message = `SRV ${name}: ${what} (${reply.server})`
  throw new DiscoveryError('not-found', message, undefined, negativeTtlMs(reply))
}

/** Several records may lead to one host: it is asked for once. */
function once(lookUp: (host: string) => Promise<Addresses>): typeof lookUp {
  const asked = new Map<string, Promise<Addresses>>()
  return (host) => {
    const found = asked.get(host) ?? lookUp(host)
    asked.set(host, found)
    return found
  }
}

/** Finds where one record leads: in the answer's additional section, or by asking. */
async function outcome(
  record: SrvRecord,
  additionals: readonly Row[],
  lookUp: (host: string) => Promise<Addresses>,
  hasTiers: boolean,
): Promise<Outcome> {
  const host = record.target
  const told = [...rowsOf(additionals, 'A', host), ...rowsOf(additionals, 'AAAA', host)]
  if (told.length > 0)
    return serving(
      record,
      { ...NO_ALIASES, addresses: told.map((row) => row.address) },
      leastTtl(told),
      hasTiers,
    )
  try {
    const found = await lookUp(host)
    return serving(record, found, found.ttlSeconds, hasTiers)
  } catch (error) {
    // One bad target is not the whole service: the others serve, and it is told in the notes.
    if (!(error instanceof DiscoveryError)) throw error
    const note = `${text(record)}: dropped, ${error.message}`
    return { note, isUnknown: error.failure !== 'not-found' }
  }
}

const NO_ALIASES = { aliases: [] }

function serving(
  record: SrvRecord,
  { addresses, aliases }: Pick<Addresses, 'addresses' | 'aliases'>,
  ttlSeconds: number,
  hasTiers: boolean,
): Outcome {
  const { target: host, port, weight, priority } = record
  const alias = aliases.length === 0 ? '' : `; an alias of ${aliases.join(', ')}, against RFC 2782`
  const share = weight === 0 ? 'weight 0: serves only while all others weigh 0 too' : 'serves'
  return {
    note: `${text(record)}: ${share} at ${addresses.join(', ')}${alias}`,
    found: {
      host,
      port,
      addresses,
      basePath: '',
      weight,
      zone: '',
      metadata: {},
      ...(hasTiers ? { tier: priority } : {}),
    },
    ttlSeconds,
  }
}

/** Why a record cannot serve, whatever its priority. */
function fault({ target, port }: SrvRecord): string | undefined {
  if (target === WITHDRAWN_TARGET) return 'the target is "."'
  if (cleanName(target) === undefined) return 'the target is no host name'
  return port === 0 ? 'nothing can listen on port 0' : undefined
}

const droppedNote = (record: SrvRecord): string =>
  `${text(record)}: dropped, ${fault(record) ?? `priority ${record.priority} is not the lowest`}`

const text = ({ priority, weight, port, target }: SrvRecord): string =>
  `${priority} ${weight} ${port} ${JSON.stringify(target).slice(1, -1)}`

const leastTtl = (rows: readonly { readonly ttlSeconds?: number }[]): number =>
  rows.reduce((least, { ttlSeconds = least }) => Math.min(least, ttlSeconds), MAX_TTL_SECONDS)

/** A week: what resolvers keep at most (RFC 8767). */
const MAX_TTL_SECONDS = 604_800
