import type { JsonValue } from '../../../pipe/pipe.ts'

/** Under this topic request threads ask the main thread for messages, and tell it what became of them. */
export const INBOX_TOPIC = 'inbox'

/** What becomes of a message. */
export type Verdict = 'ack' | 'requeue' | 'discard'

/** `id` is the backend's. */
export type InboxQuestion =
  | { readonly ask: 'take'; readonly id: number; readonly timeoutMs: number }
  | { readonly ask: 'settle'; readonly tag: number; readonly verdict: Verdict }

/** To `take`: a message with its bytes as Latin-1, or `null` when none came in time. */
export type InboxMessage = { readonly tag: number; readonly body: string }

export const asJson = (words: InboxQuestion | InboxMessage): JsonValue => ({ ...words })
