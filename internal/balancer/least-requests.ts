import type { Balancer, BalancerScope } from './balancer.ts'
import { noHosts } from './round-robin.ts'

/**
 * Of two hosts taken by weight, the one with fewer requests under way (the power of two choices): slow hosts get
 * less without anybody measuring them. Each thread counts its own requests.
 */
export function leastRequests({
  random,
  inFlight,
}: Pick<BalancerScope, 'random' | 'inFlight'>): Balancer {
  return function leastRequests(snapshot) {
    const { slots, urls } = snapshot
    const one = slots[Math.floor(random() * slots.length)]
    const other = slots[Math.floor(random() * slots.length)]
    if (one === undefined || other === undefined) throw noHosts(snapshot)
    return inFlight.at(urls[other] as string) < inFlight.at(urls[one] as string) ? other : one
  }
}
