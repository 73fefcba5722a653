import { parseDuration } from '../../config/duration.ts'
import { ConfigError } from '../../errors.ts'
import type { JsonObject, JsonValue } from '../../pipe/pipe.ts'

/** What a bare number counts in options that take durations. */
const UNIT_MS = { ms: 1, s: 1000 } as const

export type OptionReader = {
  text(key: string): string | undefined
  texts(key: string): readonly string[] | undefined
  wholeNumber(key: string, from: number): number | undefined
  /** A duration above zero: a text with units, or a bare number of `unit`. */
  durationMs(key: string, unit: keyof typeof UNIT_MS): number | undefined
  yesOrNo(key: string): boolean | undefined
  oneOf<const Word extends string>(key: string, words: readonly Word[]): Word | undefined
  /** The options under `key`. */
  part(key: string): OptionReader
  /** Refuses what stands at `key`. */
  wrong(key: string, allowed: string): ConfigError
}

/** Reads what stands under `discovery/<sd>`: what cannot be used is a `ConfigError` that names its place. */
export function readOptions(sd: string, written: JsonObject): OptionReader {
  return reader(`extra_config."discovery/${sd}"`, written)
}

function reader(place: string, written: JsonObject): OptionReader {
  const wrong = (key: string, allowed: string): ConfigError =>
    new ConfigError([
      {
        place: { path: `${place}.${key}` },
        message: 'cannot be used',
        found: shown(key, written[key]),
        allowed,
      },
    ])
  /** Absent and `null` are the same: nothing is said. */
  function read<T>(key: string, allowed: string, take: (value: JsonValue) => T | undefined) {
    const value = written[key]
    if (value === undefined || value === null) return undefined
    const taken = take(value)
    if (taken === undefined) throw wrong(key, allowed)
    return taken
  }
  return {
    wrong,
    text: (key) => read(key, 'a text', (value) => (typeof value === 'string' ? value : undefined)),
    texts: (key) => read(key, 'a text, or a list of them', textsOf),
    wholeNumber: (key, from) =>
      read(key, `a whole number from ${from}`, (value) =>
        typeof value === 'number' && Number.isSafeInteger(value) && value >= from
          ? value
          : undefined,
      ),
    durationMs: (key, unit) =>
      read(key, `a duration above zero such as "2s", or a number of ${unit}`, (value) =>
        durationOf(value, UNIT_MS[unit]),
      ),
    yesOrNo: (key) =>
      read(key, 'true or false', (value) => (typeof value === 'boolean' ? value : undefined)),
    oneOf: (key, words) =>
      read(key, words.join(', '), (value) => words.find((word) => word === value)),
    part(key) {
      const part = read(key, 'an object', objectOf) ?? {}
      return reader(`${place}.${key}`, part)
    },
  }
}

function textsOf(value: JsonValue): readonly string[] | undefined {
  if (typeof value === 'string') return [value]
  if (!Array.isArray(value)) return undefined
  const texts = value.filter((one) => typeof one === 'string')
  return texts.length === value.length && texts.length > 0 ? texts : undefined
}

function durationOf(value: JsonValue, unitMs: number): number | undefined {
  const bare = typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value
  if (typeof bare === 'number') return bare > 0 && Number.isFinite(bare) ? bare * unitMs : undefined
  if (typeof bare !== 'string') return undefined
  const parsed = parseDuration(bare)
  return 'ms' in parsed && parsed.ms > 0 ? parsed.ms : undefined
}

const objectOf = (value: JsonValue): JsonObject | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined

/** Passwords and tokens stay unsaid, also where they are wrong; so does what may stand before an `@`. */
function shown(key: string, value: JsonValue | undefined): string {
  if (value === undefined) return 'nothing'
  if (/password|token|secret/.test(key)) return '(not shown)'
  return JSON.stringify(value).replaceAll(/\/\/[^/"]*@/g, '//***@')
}
