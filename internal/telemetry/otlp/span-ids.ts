import { randomFillSync } from 'node:crypto'

/** Random ids as hexadecimal digits, from a pool: the system is asked once for hundreds. */
export type SpanIds = { traceId(): string; spanId(): string }

const POOL_BYTES = 8192
const TRACE_BYTES = 16
const SPAN_BYTES = 8

export function spanIds(): SpanIds {
  const pool = Buffer.alloc(POOL_BYTES)
  let at = POOL_BYTES
  const take = (count: number): string => {
    if (at + count > POOL_BYTES) {
      randomFillSync(pool)
      at = 0
    }
    at += count
    return pool.toString('hex', at - count, at)
  }
  return { traceId: () => take(TRACE_BYTES), spanId: () => take(SPAN_BYTES) }
}
