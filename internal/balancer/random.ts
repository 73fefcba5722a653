import type { Balancer, BalancerScope } from './balancer.ts'
import { noHosts } from './round-robin.ts'

/** Any host, each as often as its weight says. */
export function random({ random: next }: Pick<BalancerScope, 'random'>): Balancer {
  return function random(snapshot) {
    const { slots } = snapshot
    const slot = slots[Math.floor(next() * slots.length)]
    if (slot === undefined) throw noHosts(snapshot)
    return slot
  }
}
