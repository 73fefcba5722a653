import type { SourceScope } from '../../internal/discovery/discovery.ts'

/** What a source under test is built with: nothing is logged, the first member comes first. */
export function scope(): SourceScope {
  const log = { debug() {}, info() {}, warning() {}, error() {}, critical() {} }
  return { log, now: Date.now, random: () => 0, dnsServers: [], secret() {} }
}
