import { hash } from 'node:crypto'
import type { SharedTable } from '../process/shared-table.ts'
import { type BucketSize, tokenBucket } from './token-bucket.ts'

/** Whether a client may go on: takes a token from its bucket. */
export type TakeToken = (client: string) => boolean

/** How long KrakenD remembers a client that makes no requests. */
export const IDLE_CLIENT_MS = 600_000

export type ClientBucketsOptions = {
  /** What is limited: a limit of the same name and size is the same limit. */
  readonly name: string
  readonly size: BucketSize
  /** A client that was not seen for so long is forgotten. */
  readonly idleMs: number
  /** Shared by all threads and all limits. */
  readonly clients: SharedTable
  readonly clock: () => number
}

/** A bucket for each client, the same in all threads. */
export function clientBuckets(options: ClientBucketsOptions): TakeToken {
  const { name, size, idleMs, clients, clock } = options
  const bucket = tokenBucket(size)
  // The table is the process's: what comes before the client's own key tells this limit from all others.
  const prefix = shortName(`${name} ${size.perSecond} ${size.capacity}`)
  return function takeToken(client) {
    const nowMs = clock()
    const index = clients.find(prefix + client, nowMs, idleMs)
    // A table without room for this client refuses it: a limit that gives way when crowded is none.
    return index >= 0 && bucket.take(clients.words, index, nowMs)
  }
}

/** 64 bits of a hash as four characters: quicker to hash again for each request than the name itself. */
function shortName(name: string): string {
  const digest = hash('sha256', name, 'buffer')
  return String.fromCharCode(...[0, 2, 4, 6].map((at) => digest.readUInt16LE(at)))
}
