import type { JsonObject, JsonValue } from '../../../pipe/pipe.ts'

/** A JSON Schema is an object of keywords, or a boolean that takes or refuses everything. */
export type Schema = JsonObject | boolean
export type Draft = 4 | 6 | 7 | 2019 | 2020

const DRAFTS: ReadonlyMap<string, Draft> = new Map([
  ['json-schema.org/draft-04/schema', 4],
  ['json-schema.org/draft-06/schema', 6],
  ['json-schema.org/draft-07/schema', 7],
  ['json-schema.org/draft/2019-09/schema', 2019],
  ['json-schema.org/draft/2020-12/schema', 2020],
  ['json-schema.org/schema', 2020],
])

/** The draft that a schema is written in: its `$schema`, or the latest. `undefined` for dialects nobody can load. */
export function draftOf(schema: Schema): Draft | undefined {
  if (typeof schema === 'boolean' || schema['$schema'] === undefined) return 2020
  const name = String(schema['$schema'])
    .replace(/^https?:\/\//, '')
    .replace(/#$/, '')
  return DRAFTS.get(name)
}

/** Keywords that a draft did not have yet: they are annotations there. */
const LATER: Readonly<Partial<Record<Draft, readonly string[]>>> = {
  4: ['const', 'contains', 'propertyNames', 'if', 'then', 'else'],
  6: ['if', 'then', 'else'],
}
/** What the library takes for more than KrakenD does: OpenAPI's `nullable`, and `id` where it is `$id`. */
const isForeign = (key: string, value: JsonValue, draft: Draft): boolean =>
  (key === 'nullable' && typeof value === 'boolean') ||
  (key === 'id' && typeof value === 'string' && draft > 4)
/** Keywords whose keys are names, not keywords; and those that hold data. */
const NAMED = new Set([
  ...['$defs', 'definitions', 'dependencies', 'dependentSchemas'],
  ...['patternProperties', 'properties'],
])
const DATA = new Set(['const', 'default', 'enum', 'examples'])

/**
 * A schema as the library should read it: one of draft 4 or 6 in the words of draft 7 (`id` becomes `$id`,
 * boolean exclusive limits become numbers, later keywords go), and without keywords that mean something only there.
 */
export function forLibrary(schema: JsonValue, draft: Draft): JsonValue {
  if (Array.isArray(schema)) return schema.map((item) => forLibrary(item, draft))
  if (!isKeywords(schema)) return schema
  const keywords = draft === 4 ? exclusiveLimits(schema) : schema
  const later = LATER[draft] ?? []
  return Object.fromEntries(
    Object.entries(keywords)
      .filter(([key, value]) => !later.includes(key) && !isForeign(key, value, draft))
      .filter(([key]) => key !== '$schema' || draft > 6)
      .map(([key, value]): [string, JsonValue] => [
        draft === 4 && key === 'id' ? '$id' : key,
        inner(key, value, draft),
      ]),
  )
}

function inner(key: string, value: JsonValue, draft: Draft): JsonValue {
  if (DATA.has(key)) return value
  if (!NAMED.has(key) || !isKeywords(value)) return forLibrary(value, draft)
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [name, forLibrary(item, draft)]),
  )
}

/** `{"minimum": 1, "exclusiveMinimum": true}` excludes the 1. */
function exclusiveLimits(keywords: JsonObject): JsonObject {
  let limits = keywords
  for (const [limit, exclusive] of [
    ['minimum', 'exclusiveMinimum'],
    ['maximum', 'exclusiveMaximum'],
  ] as const) {
    const flag = limits[exclusive]
    if (typeof flag !== 'boolean') continue
    const { [limit]: bound, [exclusive]: _flag, ...rest } = limits
    if (bound === undefined) limits = rest
    else limits = { ...rest, [flag ? exclusive : limit]: bound }
  }
  return limits
}

export const isKeywords = (value: JsonValue | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
