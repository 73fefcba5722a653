import type { JsonObject } from '../../../pipe/pipe.ts'
import { keyStrategy } from './key-id.ts'
import type { KeyAnswer } from './remote-keys.ts'

/** What a thread wants to know of a source. */
export type KeyWish = {
  readonly strategy: string
  readonly id: string
  /** Of the set, at most; 0 fetches anew. */
  readonly maxAgeMs: number
  /** How long a key that was not found is not looked for again; 0 looks each time. */
  readonly cooldownMs: number
}
export type KeyStoreOptions = {
  /** Fetches the keys of the set. Rejects with the reason. */
  readonly fetch: () => Promise<readonly JsonObject[]>
  /** Milliseconds on a clock that never jumps. */
  readonly clock: () => number
  /** Told when a fetched set differs from the one before. */
  readonly changed: (version: number) => void
}

/** Ids that nobody has come with requests; the oldest are forgotten. */
const MOST_MISSES = 1024

type KeySet = {
  readonly version: number
  readonly text: string
  readonly keys: readonly JsonObject[]
  readonly fetchedMs: number
}

/** One source's key set in the main thread: fetched once for all who ask at the same time, replaced whole. */
export class KeyStore {
  readonly #options: KeyStoreOptions
  readonly #misses = new Map<string, number>()
  #set: KeySet | undefined
  #fetching: Promise<KeySet> | undefined

  constructor(options: KeyStoreOptions) {
    this.#options = options
  }

  /** Fills the store for the first who asks; they meet a failure again. */
  prefetch(failed: (reason: unknown) => void): void {
    this.#fetch().catch(failed)
  }

  /** The set that holds the wished key. Rejects with the reason when there is none. */
  async answer(wish: KeyWish): Promise<KeyAnswer> {
    const { clock } = this.#options
    const known = this.#set
    if (known !== undefined && clock() - known.fetchedMs < wish.maxAgeMs && holds(known, wish))
      return answerFrom(known, clock())
    const missed = `${wish.strategy} ${wish.id}`
    if (this.#isCooling(missed, wish)) throw new Error(`no key ${JSON.stringify(wish.id)}, lately`)
    try {
      const fetched = await this.#fetch()
      if (holds(fetched, wish)) return answerFrom(fetched, clock())
      throw new Error(`no key ${JSON.stringify(wish.id)} in the key set`)
    } catch (error) {
      this.#miss(missed, wish)
      throw error
    }
  }

  #fetch(): Promise<KeySet> {
    this.#fetching ??= this.#fetchNow().finally(() => {
      this.#fetching = undefined
    })
    return this.#fetching
  }

  async #fetchNow(): Promise<KeySet> {
    const startMs = this.#options.clock()
    const keys = await this.#options.fetch()
    const text = JSON.stringify(keys)
    const before = this.#set
    const version = before?.text === text ? before.version : (before?.version ?? 0) + 1
    this.#set = { version, text, keys, fetchedMs: startMs }
    if (before !== undefined && before.version !== version) this.#options.changed(version)
    return this.#set
  }

  #isCooling(missed: string, { cooldownMs }: KeyWish): boolean {
    const missedMs = this.#misses.get(missed)
    return missedMs !== undefined && this.#options.clock() - missedMs < cooldownMs
  }

  #miss(missed: string, { cooldownMs }: KeyWish): void {
    if (cooldownMs <= 0) return
    this.#misses.delete(missed)
    if (this.#misses.size >= MOST_MISSES)
      this.#misses.delete(this.#misses.keys().next().value as string)
    this.#misses.set(missed, this.#options.clock())
  }
}

const holds = ({ keys }: KeySet, { strategy, id }: KeyWish): boolean =>
  keys.some((key) => keyStrategy(strategy).ofKey(key) === id)

const answerFrom = ({ version, keys, fetchedMs }: KeySet, nowMs: number): KeyAnswer => ({
  version,
  keys,
  ageMs: nowMs - fetchedMs,
})
