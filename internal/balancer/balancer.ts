import type { Snapshot } from '../discovery/discovery.ts'
import type { ProxyRequest } from '../pipe/pipe.ts'
import type { SharedWord } from '../process/shared-memory.ts'
import type { InFlight } from './in-flight.ts'

/**
 * Chooses the host of one request: an index into `snapshot.instances` and `snapshot.urls`, one that stands in
 * `snapshot.slots`. Throws `no-hosts` when there is none.
 */
export type Balancer = {
  (snapshot: Snapshot, request: ProxyRequest): number
  /** Derives what it needs of a list before requests see that one. */
  prepare?(snapshot: Snapshot): void
}

/** What a balancer is built from, once for each backend entry. */
export type BalancerScope = {
  /** This backend entry's cursor, the same word in every thread. */
  readonly cursor: SharedWord
  readonly random: () => number
  /** What `least-requests` goes by: this thread's requests under way. */
  readonly inFlight: InFlight
  /** What `hash` goes by: `header:X-Tenant`, `cookie:session`, `param:id` or `client`. */
  readonly key: string
}
export type BalancerFactory = (scope: BalancerScope) => Balancer
