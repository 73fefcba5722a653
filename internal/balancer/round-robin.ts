import type { Snapshot } from '../discovery/discovery.ts'
import { GatewayError } from '../errors.ts'
import type { Balancer, BalancerScope } from './balancer.ts'

/** Where a cursor may start: far from the 2^32 at which it wraps, and never 0, which means "not started". */
const STARTS = 2 ** 20

/**
 * Walks the slots one by one. The cursor is shared by all threads, so over k rounds each host gets exactly k times
 * its slots, whoever asks. It is a 32-bit counter: every 4,294,967,296 calls one
 * round may be cut short.
 */
export function roundRobin({ cursor, random }: Pick<BalancerScope, 'cursor' | 'random'>): Balancer {
  const { halves } = cursor
  const at = 2 * cursor.index
  // Whoever comes first gives it its random start; the others find it started.
  Atomics.compareExchange(halves, at, 0, 1 + Math.floor(random() * STARTS))

  return function roundRobin(snapshot) {
    const { slots } = snapshot
    if (slots.length === 0) throw noHosts(snapshot)
    if (slots.length === 1) return slots[0] as number
    const position = Atomics.add(halves, at, 1) >>> 0
    return slots[position % slots.length] as number
  }
}

/** Why there is nobody to send a request to. */
export function noHosts(snapshot: Snapshot): GatewayError {
  if (!snapshot.isWithdrawn) return new GatewayError('no-hosts')
  return new GatewayError('no-hosts', { status: 503, message: `${snapshot.name} is withdrawn` })
}
