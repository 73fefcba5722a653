import dns from 'node:dns'
import type { MockTracker } from 'node:test'

type Answer = (error: null, addresses: readonly dns.LookupAddress[]) => void

/** Names that end in `name` are at `address`, until the test is over; all others where they are. */
export function lookedUp(mock: MockTracker, name: string, address: string): void {
  const real = dns.lookup as unknown as (...words: unknown[]) => void
  mock.method(dns, 'lookup', (...words: [string, object, Answer]) => {
    const [host, , answer] = words
    if (host.endsWith(name)) answer(null, [{ address, family: 4 }])
    else real(...words)
  })
}
