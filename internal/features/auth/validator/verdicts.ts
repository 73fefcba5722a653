import type { KeyObject } from 'node:crypto'
import type { JsonObject } from '../../../pipe/pipe.ts'
import type { Lifetime } from './registered-claims.ts'

/** A token whose signature and claims were found good, with what that rests on. */
export type Verdict = {
  readonly claims: JsonObject
  readonly lifetime: Lifetime
  readonly keyId: string
  readonly key: KeyObject
}

/** Verdicts of a thread by validator and whole token. */
export type Verdicts = {
  get(validator: number, token: string): Verdict | undefined
  set(validator: number, token: string, verdict: Verdict): void
}

/** Enough for ten thousand users who come again and again. */
const MOST = 16_384
/** Claims take about as much again as the token's text. */
const MOST_CHARACTERS = 16 << 20

/**
 * Keeps good verdicts, the oldest leaving first. Only tokens that somebody holding a key signed get in, so strangers
 * cannot fill it; whoever reads a verdict asks whether its time and its key still hold.
 */
export function verdictCache(most = MOST, mostCharacters = MOST_CHARACTERS): Verdicts {
  const kept = new Map<string, Verdict>()
  let characters = 0
  const forgetOldest = (): void => {
    const oldest = kept.keys().next().value as string
    kept.delete(oldest)
    characters -= oldest.length
  }
  return {
    get: (validator, token) => kept.get(`${validator} ${token}`),
    set(validator, token, verdict) {
      const name = `${validator} ${token}`
      if (kept.delete(name)) characters -= name.length
      kept.set(name, verdict)
      characters += name.length
      while (kept.size > most || characters > mostCharacters) forgetOldest()
    },
  }
}
