import type { Scope } from '../feature.ts'
import type { KeyRing } from './jwk/key-ring.ts'
import { type HeaderReader, headerReader } from './validator/token.ts'
import { type Verdicts, verdictCache } from './validator/verdicts.ts'

/** What the validators of one gateway share in a thread: endpoints with equal options have equal keys and verdicts. */
export type ThreadState = {
  readonly readHeader: HeaderReader
  readonly verdicts: Verdicts
  /** Makes the ring of `name` once. */
  ring(name: string, make: () => KeyRing): KeyRing
  /** A number for `name`, the same each time. */
  number(name: string): number
}

/** Lives as long as the gateway's scope. */
const states = new WeakMap<Scope, ThreadState>()

/** The state of `scope`. */
export function threadState(scope: Scope): ThreadState {
  const known = states.get(scope)
  if (known !== undefined) return known
  const rings = new Map<string, KeyRing>()
  const numbers = new Map<string, number>()
  const state: ThreadState = {
    readHeader: headerReader(),
    verdicts: verdictCache(),
    ring(name, make) {
      const ring = rings.get(name) ?? make()
      rings.set(name, ring)
      return ring
    },
    number(name) {
      const number = numbers.get(name) ?? numbers.size
      numbers.set(name, number)
      return number
    },
  }
  states.set(scope, state)
  return state
}
