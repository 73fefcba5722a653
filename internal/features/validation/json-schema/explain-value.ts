import type { JsonObject, JsonValue } from '../../../pipe/pipe.ts'
import { canonical, isMultiple, isSame } from './exact.ts'
import { type Fault, fault, type Look } from './fault.ts'
import { FORMATS } from './formats.ts'
import { english, quoted, shown, typeOf } from './words.ts'

/** The order in which types are named. */
const TYPES = ['null', 'boolean', 'number', 'integer', 'string', 'array', 'object']

/** Type, const, enum and format: the first of them that fails is all there is to say. */
export function firstFault(schema: JsonObject, value: JsonValue, look: Look): Fault | undefined {
  const text =
    typeFault(schema['type'], value) ??
    constFault(schema, value) ??
    enumFault(schema['enum'], value) ??
    formatFault(schema['format'], value, look)
  return text === undefined ? undefined : fault(look, text)
}

function typeFault(wanted: JsonValue | undefined, value: JsonValue): string | undefined {
  if (wanted === undefined) return undefined
  const types = [wanted].flat().map(String)
  const got = typeOf(value)
  const isWhole = typeof value === 'number' && (Number.isInteger(value) || !Number.isFinite(value))
  if (types.includes(got) || (isWhole && types.includes('integer'))) return undefined
  const named = types.sort((one, other) => TYPES.indexOf(one) - TYPES.indexOf(other))
  return `got ${got}, want ${named.join(' or ')}`
}

const isPlain = (value: JsonValue): boolean => typeof value !== 'object' || value === null

function constFault(schema: JsonObject, value: JsonValue): string | undefined {
  const { const: wanted } = schema
  if (wanted === undefined || isSame(wanted, value)) return undefined
  return isPlain(wanted) ? `value must be ${shown(wanted)}` : "'const' failed"
}

function enumFault(wanted: JsonValue | undefined, value: JsonValue): string | undefined {
  if (!Array.isArray(wanted)) return undefined
  const text = canonical(value)
  if (wanted.some((item) => canonical(item) === text)) return undefined
  if (!wanted.every(isPlain)) return "'enum' failed"
  const items = wanted.map(shown).join(', ')
  return wanted.length === 1 ? `value must be ${items}` : `value must be one of ${items}`
}

/** Formats are claims only up to draft 7. */
function formatFault(
  format: JsonValue | undefined,
  value: JsonValue,
  { draft }: Look,
): string | undefined {
  if (typeof format !== 'string' || typeof value !== 'string' || draft > 7) return undefined
  const reason = Object.hasOwn(FORMATS, format) ? FORMATS[format]?.(value) : undefined
  return reason === undefined ? undefined : `${quoted(value)} is not valid ${format}: ${reason}`
}

export function textFaults(schema: JsonObject, value: string, look: Look): Fault[] {
  const { minLength, maxLength, pattern } = schema
  const length = [...value].length
  const texts = [
    typeof minLength === 'number' && length < minLength && bound('minLength', length, minLength),
    typeof maxLength === 'number' && length > maxLength && bound('maxLength', length, maxLength),
    typeof pattern === 'string' &&
      !look.pattern(pattern)(value) &&
      `${quoted(value)} does not match pattern ${quoted(pattern)}`,
  ]
  return texts.filter((text) => text !== false).map((text) => fault(look, text))
}

const LIMITS: readonly (readonly [string, (value: number, limit: number) => boolean])[] = [
  ['minimum', (value, limit) => value >= limit],
  ['maximum', (value, limit) => value <= limit],
  ['exclusiveMinimum', (value, limit) => value > limit],
  ['exclusiveMaximum', (value, limit) => value < limit],
  ['multipleOf', isMultiple],
]

export function numberFaults(schema: JsonObject, value: number, look: Look): Fault[] {
  return LIMITS.flatMap(([keyword, holds]) => {
    const limit = schema[keyword]
    return typeof limit !== 'number' || holds(value, limit)
      ? []
      : [fault(look, bound(keyword, value, limit))]
  })
}

export const bound = (keyword: string, got: number, want: number): string =>
  `${keyword}: got ${english(got)}, want ${english(want)}`
