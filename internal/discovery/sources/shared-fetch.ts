import { DiscoveryError } from '../discovery.ts'
import { untilOver } from './until-over.ts'

/** No fetch takes longer, whatever the client allows. */
const LIMIT_MS = 30_000
const JITTER = 0.1

export type SharedFetch<T> = {
  /** Fetches now, together with whoever else does. */
  once(signal: AbortSignal): Promise<T>
  /** Tells of each fetch, one every period for all who follow; rejects when one fails, returns when `signal` is over. */
  follow(told: (value: T) => void, signal: AbortSignal): Promise<void>
  close(): void
}

type Follower<T> = { readonly told: (value: T) => void; readonly fail: (error: unknown) => void }

/** One fetch of a whole registry for all services that live in it. */
export function sharedFetch<T>(options: {
  readonly fetch: (signal: AbortSignal) => Promise<T>
  readonly everyMs: number
  readonly random: () => number
}): SharedFetch<T> {
  const { fetch, everyMs, random } = options
  const followers = new Set<Follower<T>>()
  const closing = new AbortController()
  let running: Promise<T> | undefined
  let timer: NodeJS.Timeout | undefined
  let isRound = false
  /** What the last round brought, while rounds go on: it is no older than the period. */
  let last: { readonly value: T } | undefined

  function run(): Promise<T> {
    running ??= fetch(AbortSignal.any([closing.signal, AbortSignal.timeout(LIMIT_MS)])).finally(
      () => {
        running = undefined
      },
    )
    return running
  }

  async function round(): Promise<void> {
    if (isRound) return
    isRound = true
    clearTimeout(timer)
    try {
      last = { value: await run() }
      isRound = false
      for (const { told } of followers) told(last.value)
      timer = setTimeout(() => void round(), everyMs * (1 + JITTER * (2 * random() - 1))).unref()
    } catch (error) {
      isRound = false
      last = undefined
      for (const { fail } of followers) fail(error)
    }
  }

  function leave(follower: Follower<T>): void {
    followers.delete(follower)
    if (followers.size > 0) return
    clearTimeout(timer)
    last = undefined
  }

  return {
    once: (signal) => untilOver(run(), signal),
    async follow(told, signal) {
      if (signal.aborted) return
      const { promise, resolve, reject } = Promise.withResolvers<void>()
      const follower = { told, fail: reject }
      followers.add(follower)
      signal.addEventListener('abort', () => resolve(), { once: true })
      if (last === undefined) void round()
      else told(last.value)
      try {
        await promise
      } finally {
        leave(follower)
      }
    },
    close() {
      clearTimeout(timer)
      closing.abort(new DiscoveryError('unreachable', 'the registry is no longer asked'))
    },
  }
}
