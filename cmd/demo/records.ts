import type { DnsRecord } from '../../test/support/dns-server.ts'
import { UPSTREAMS } from './upstreams.ts'

const SERVICE = '_catalog._tcp.demo.local'

/** Priority and weight of each upstream: `three` stands by, and is never asked while the others are listed. */
const SHARES = { one: [10, 1], two: [10, 2], three: [20, 1] } as const

/** The zone that the demo's name server answers from. */
export const records: readonly DnsRecord[] = UPSTREAMS.flatMap(({ name, port }) => {
  const target = `${name}.demo.local`
  const [priority, weight] = SHARES[name]
  return [
    { type: 'SRV', name: SERVICE, ttl: 30, data: { priority, weight, port, target } },
    { type: 'A', name: target, ttl: 30, data: '127.0.0.1' },
  ]
})
