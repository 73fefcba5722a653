import type { HeaderList } from '../../../pipe/pipe.ts'
import type { StoredReply } from './stored-reply.ts'

/** As far as the rules look at it. */
export type Asked = { readonly method: string; readonly headers: HeaderList }
export type Answered = { readonly status: number; readonly headers: HeaderList }

/** `fresh` answers the request; `stale` may be confirmed by the upstream; `unusable` is only a way out of errors. */
export type Use = 'fresh' | 'stale' | 'unusable'

/** What a cache may do. */
export type CacheRules = {
  use(stored: StoredReply, asked: Asked, nowMs: number): Use
  /** The client wants nothing from the upstream, and `stored` does not answer it. */
  refuses(asked: Asked, stored: StoredReply | undefined): boolean
  mayStore(asked: Asked, answered: Answered): boolean
  /** The upstream failed, and this is better than nothing. */
  mayServeOnError(stored: StoredReply, asked: Asked, nowMs: number): boolean
  /** After such an answer to such a request what is kept of the URL is out of date. */
  invalidates(method: string, status: number): boolean
  /** Headers that a live answer has because it passed here. */
  marked(headers: HeaderList, asked: Asked): HeaderList
  /** The headers of an answer from the store. */
  served(stored: StoredReply, nowMs: number): HeaderList
  /** The stored headers after the upstream confirmed them. */
  confirmed(stored: StoredReply, newer: HeaderList): string[]
  /** Answers that differ by what `Vary` names are kept side by side. */
  readonly keepsVariants: boolean
}
