import type { MessagePort } from 'node:worker_threads'
import type { ServiceConfig } from '../config/types.ts'
import type { ConfigProblem } from '../errors.ts'
import type { JsonValue } from '../pipe/pipe.ts'
import type { MeterMessage } from '../telemetry/series.ts'
import type { TableMemory } from './shared-table.ts'

/** Memory that all request threads change: made once, before the first of them starts. */
export type SharedMemories = {
  /** How many seats there are. */
  readonly threads: number
  readonly words: SharedArrayBuffer
  readonly slots: SharedArrayBuffer
  readonly table: TableMemory
}

/** What a request thread is born with. */
export type ThreadBirth = {
  /** 1, 2, ...; never used twice. */
  readonly number: number
  /** 0 to `shared.threads` - 1: no two threads that run have the same, a replacement has its predecessor's. */
  readonly seat: number
  readonly shared: SharedMemories
  /** One 32-bit word a seat: kilobytes of request bodies that its thread holds. */
  readonly heldMemory: SharedArrayBuffer
  readonly discoveryPort: MessagePort
}

/** The process's settings that a thread needs. */
export type ThreadSettings = {
  readonly workers: number
  /** Several threads share the port. */
  readonly reusesPort: boolean
  readonly maxDecodeBytes: number
  readonly maxRequestBytes: number
  readonly maxRequestBytesTotal: number
  readonly logLevel: string
  readonly logFormat: string
  readonly secrets: readonly string[]
}

export type ToThread =
  | { readonly type: 'serve'; readonly config: ServiceConfig; readonly settings: ThreadSettings }
  /** Stop accepting, finish what runs, end. */
  | { readonly type: 'drain' }
  /** What the main thread's service tells all. */
  | { readonly type: 'news'; readonly topic: string; readonly news: JsonValue }
  | {
      readonly type: 'answer'
      readonly id: number
      readonly answer?: JsonValue
      readonly error?: string
    }

export type FromRequestThread =
  | { readonly type: 'listening' }
  /** The configuration cannot work, or the port cannot be had. */
  | {
      readonly type: 'failed'
      readonly message: string
      readonly problems: readonly ConfigProblem[]
    }
  | { readonly type: 'drained' }
  | { readonly type: 'meters'; readonly message: MeterMessage }
  | {
      readonly type: 'ask'
      readonly id: number
      readonly topic: string
      readonly question: JsonValue
    }
