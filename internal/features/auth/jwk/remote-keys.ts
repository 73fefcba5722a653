import type { KeyObject } from 'node:crypto'
import { isObject } from '../../../pipe/is-object.ts'
import type { JsonObject } from '../../../pipe/pipe.ts'
import { withinDeadline } from '../../../pipe/within-deadline.ts'
import type { Scope } from '../../feature.ts'
import type { KeyStrategy } from './key-id.ts'
import type { KeyRing } from './key-ring.ts'
import { KeyProblem } from './keys.ts'

/** What a thread asks the main thread for. */
export const KEYS_TOPIC = 'auth/jwk'

/** How long fetched keys are used, and how long an unknown one is not looked for again. 0: not at all. */
export type KeyLife = { readonly maxAgeMs: number; readonly cooldownMs: number }

/** The main thread's answer: the whole set, its age, and a number that changes when the set does. */
export type KeyAnswer = {
  readonly version: number
  readonly ageMs: number
  readonly keys: readonly JsonObject[]
}

/** What the main thread tells all when a source's set has changed. */
export type KeyNews = { readonly source: string; readonly version: number }
/** A source's name in news and stores: equal sources have equal names. */
export const sourceName = (source: JsonObject): string => JSON.stringify(source)

export type RemoteKeysOptions = {
  readonly source: JsonObject
  readonly strategy: KeyStrategy
  readonly strategyName: string
  readonly life: KeyLife
  readonly scope: Pick<Scope, 'ask' | 'hear' | 'clock' | 'onClose'>
  /** Makes a key of a JWK. Throws a `KeyProblem`. */
  readonly importKey: (jwk: JsonObject) => KeyObject
}

/** A thread's copy of a key set that the main thread fetches: valid until its time is over, replaced whole. */
export function remoteKeys(options: RemoteKeysOptions): KeyRing {
  const { life, scope } = options
  const { clock } = scope
  const ours = sourceName(options.source)
  let held: { version: number; keys: ReadonlyMap<string, KeyObject> } = { version: 0, keys: NONE }
  let untilMs = Number.NEGATIVE_INFINITY
  const asking = new Map<string, Promise<KeyObject>>()

  scope.onClose(
    scope.hear(KEYS_TOPIC, (news) => {
      const { source, version } = news as unknown as KeyNews
      // The set is another one now: what is held may name keys that were taken back.
      if (source === ours && version !== held.version) untilMs = Number.NEGATIVE_INFINITY
    }),
  )

  async function askFor(id: string): Promise<KeyObject> {
    const answer = await scope.ask(KEYS_TOPIC, questionOf(options, id))
    const { version, ageMs, keys } = answer as unknown as KeyAnswer
    if (version !== held.version) held = { version, keys: importedKeys(keys, options) }
    untilMs = clock() + life.maxAgeMs - ageMs
    const key = held.keys.get(id)
    if (key === undefined) throw new Error(`no usable key ${JSON.stringify(id)} in the key set`)
    return key
  }

  return {
    isLasting: life.maxAgeMs > 0,
    keyNow: (id) => (clock() < untilMs ? held.keys.get(id) : undefined),
    find(id, deadline) {
      let asked = asking.get(id)
      if (asked === undefined) {
        asked = askFor(id).finally(() => asking.delete(id))
        asking.set(id, asked)
      }
      // The main thread's fetch has a limit of its own.
      deadline.hold()
      return withinDeadline(asked, deadline).finally(() => deadline.restart())
    },
  }
}

const NONE: ReadonlyMap<string, KeyObject> = new Map()

const questionOf = ({ source, strategyName, life }: RemoteKeysOptions, id: string): JsonObject => ({
  source,
  strategy: strategyName,
  id,
  maxAgeMs: life.maxAgeMs,
  cooldownMs: life.cooldownMs,
})

/** Keys of other kinds (encryption, new curves) stand in many sets: they are passed over. */
function importedKeys(
  keys: readonly JsonObject[],
  { strategy, importKey }: RemoteKeysOptions,
): ReadonlyMap<string, KeyObject> {
  const imported = new Map<string, KeyObject>()
  for (const jwk of keys) {
    if (!isObject(jwk)) continue
    try {
      imported.set(strategy.ofKey(jwk), importKey(jwk))
    } catch (error) {
      if (!(error instanceof KeyProblem)) throw error
    }
  }
  return imported
}
