import type { Instance, Snapshot } from './discovery.ts'

/**
 * A snapshot on its way to a request thread. Its hosts are texts of a few each: making objects of them is most of
 * what a change costs a thread, and it may stop after any of them.
 */
export type PackedSnapshot = {
  readonly rest: Omit<Snapshot, 'instances' | 'urls'>
  readonly parts: readonly string[]
}

/** Some hosts of a list, with their URLs. */
export type SnapshotPart = {
  readonly instances: readonly Instance[]
  readonly urls: readonly string[]
}

/** So many hosts take a tenth of a millisecond. */
const HOSTS_PER_PART = 64

/** Done once for all threads. Metadata stay behind: the main thread explains, request threads have no use for them. */
export function packed({ instances, urls, ...rest }: Snapshot): PackedSnapshot {
  const parts: string[] = []
  for (let from = 0; from < instances.length; from += HOSTS_PER_PART) {
    const to = from + HOSTS_PER_PART
    const some = instances.slice(from, to).map((instance) => ({ ...instance, metadata: {} }))
    parts.push(JSON.stringify([some, urls.slice(from, to)]))
  }
  return { rest, parts }
}

/** What `packed` wrote. */
export function unpackedPart(part: string): SnapshotPart {
  const [instances, urls] = JSON.parse(part) as [Instance[], string[]]
  return { instances, urls }
}
