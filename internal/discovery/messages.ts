import type { MessagePort } from 'node:worker_threads'
import type { Wanted } from './discovery.ts'
import type { PackedSnapshot } from './packed-snapshot.ts'

/** What a request thread tells the main thread: plain data, over one `MessagePort` per thread. */
export type FromThread =
  | { readonly type: 'subscribe'; readonly key: string; readonly wanted: Wanted }
  | { readonly type: 'unsubscribe'; readonly key: string }
  | {
      readonly type: 'ejected'
      readonly key: string
      readonly url: string
      readonly forMs: number
    }

/** What the main thread tells: every snapshot, and, while there is none, whether somebody is asking. */
export type FromHub =
  | { readonly type: 'snapshot'; readonly key: string; readonly snapshot: PackedSnapshot }
  | { readonly type: 'asking'; readonly key: string }
  | { readonly type: 'failed'; readonly key: string; readonly reason: string }

/** Carries `FromThread` one way and `FromHub` the other. */
export type DiscoveryPort = MessagePort
