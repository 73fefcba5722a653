import type { Pattern } from '../../../pipe/linear-pattern.ts'
import type { JsonValue } from '../../../pipe/pipe.ts'
import type { Draft } from './dialect.ts'
import type { References } from './references.ts'

/** One thing wrong with a value: where, what, and what it comes from. */
export type Fault = {
  readonly path: readonly string[]
  readonly text: string
  readonly causes: readonly Fault[]
  /** It only holds several faults of one value together. */
  readonly isGroup?: true
}

/** What a schema and a value are looked at with. */
export type Look = {
  readonly path: readonly string[]
  readonly base: string
  readonly depth: number
  readonly draft: Draft
  readonly references: References
  readonly pattern: (source: string) => Pattern
  /** Everything wrong with a value: how a keyword looks into what a schema holds. */
  readonly all: (schema: JsonValue, value: JsonValue, look: Look) => readonly Fault[]
  /** How many more faults are worth a line. */
  readonly left: { count: number }
}

/** What is wrong with `value`, as one fault at most. */
export function faults(schema: JsonValue, value: JsonValue, look: Look): readonly Fault[] {
  const found = look.all(schema, value, look)
  return found.length > 1 ? [{ ...fault(look, GROUP, found), isGroup: true }] : found
}

export const GROUP = 'validation failed'

/** A group that stands alone says nothing of its own. */
export function ungrouped(found: readonly Fault[]): readonly Fault[] {
  const [only] = found
  return found.length === 1 && only?.isGroup === true ? only.causes : found
}

export function fault(look: Look, text: string, causes: readonly Fault[] = []): Fault {
  look.left.count--
  return { path: look.path, text, causes }
}

/** The value behind one more step. */
export const inside = (look: Look, step: string | number): Look => ({
  ...look,
  path: [...look.path, String(step)],
})
