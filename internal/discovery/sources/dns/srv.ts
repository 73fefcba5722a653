/** One SRV record's data (RFC 2782). */
export type SrvRecord = {
  readonly priority: number
  readonly weight: number
  readonly port: number
  readonly target: string
}

/** The target by which a registry says that a service is decidedly not offered. */
export const WITHDRAWN_TARGET = '.'

/** The records that serve: those of the lowest priority, in an order that does not change with the answer's. */
export function lowestPriority<Row extends SrvRecord>(records: readonly Row[]): Row[] {
  const best = records.reduce((least, { priority }) => Math.min(least, priority), Infinity)
  return records.filter(({ priority }) => priority === best).toSorted(inOrder)
}

/** All of them, by priority. */
export function byPriority<Row extends SrvRecord>(records: readonly Row[]): Row[] {
  return records.toSorted((one, other) => one.priority - other.priority || inOrder(one, other))
}

/** KrakenD's order: heavy ones first, then by name and port. */
function inOrder(one: SrvRecord, other: SrvRecord): number {
  if (one.weight !== other.weight) return other.weight - one.weight
  if (one.target !== other.target) return one.target < other.target ? -1 : 1
  return one.port - other.port
}
