import { setTimeout as pause } from 'node:timers/promises'
import type { Delivery, MessageSource } from '../../../brokers/inbox.ts'

/** Between questions that found nothing. */
const POLL_MS = 100

/** Asks a broker once: `undefined` when it has no message. Ends with `signal`, and has `remainingMs`. */
export type AskOnce = (remainingMs: number, signal: AbortSignal) => Promise<Delivery | undefined>

/**
 * Messages of a broker that must be asked. It is asked only when somebody waits: what waited here would become visible
 * to others again.
 */
export function pollSource(ask: AskOnce, close: () => Promise<void>): MessageSource {
  const closing = new AbortController()
  return {
    async take(timeoutMs) {
      const untilMs = performance.now() + timeoutMs
      for (;;) {
        const remainingMs = untilMs - performance.now()
        if (remainingMs <= 0) return undefined
        const inTime = AbortSignal.timeout(Math.ceil(remainingMs))
        try {
          const message = await ask(remainingMs, AbortSignal.any([closing.signal, inTime]))
          if (message !== undefined) return message
        } catch (error) {
          if (inTime.aborted) return undefined
          throw error
        }
        await pause(Math.min(POLL_MS, Math.max(0, untilMs - performance.now())))
      }
    },
    async close() {
      closing.abort()
      await close()
    },
  }
}
