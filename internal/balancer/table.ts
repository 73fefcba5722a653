import type { BalancerFactory } from './balancer.ts'
import { hash } from './hash.ts'
import { leastRequests } from './least-requests.ts'
import { random } from './random.ts'
import { roundRobin } from './round-robin.ts'

/** Every way to choose a host, by its name in `backend/discovery`'s `balancer`. */
export const balancers = {
  'round-robin': roundRobin,
  'least-requests': leastRequests,
  random,
  hash,
  // Round robin within the zone that `zone` names.
  zone: roundRobin,
} as const satisfies Record<string, BalancerFactory>
