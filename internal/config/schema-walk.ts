import { isObject } from '../pipe/is-object.ts'
import type { JsonObject, JsonValue } from '../pipe/pipe.ts'
import type { Path } from './problem.ts'

/** The part of `schema` that describes what stands at `path`, or `undefined` where it says nothing. */
export function schemaAt(schema: JsonObject, path: Path): JsonObject | undefined {
  let here: JsonObject | undefined = followed(schema, schema)
  for (const part of path) {
    if (here === undefined) return undefined
    here = followed(schema, typeof part === 'number' ? here.items : memberSchema(here, part))
  }
  return here
}

/** The keys an object at `path` may have. */
export function knownKeys(schema: JsonObject, path: Path): string[] {
  const properties = schemaAt(schema, path)?.properties
  return isObject(properties) ? Object.keys(properties) : []
}

function memberSchema(schema: JsonObject, key: string): JsonValue | undefined {
  const { properties, additionalProperties } = schema
  if (isObject(properties) && Object.hasOwn(properties, key)) return properties[key]
  return additionalProperties
}

/** A schema behind its `$ref`s, which all point to `#/$defs/<name>`. */
function followed(root: JsonObject, value: JsonValue | undefined): JsonObject | undefined {
  if (!isObject(value)) return undefined
  const { $ref: reference } = value
  if (typeof reference !== 'string') return value
  const definitions = root.$defs
  return isObject(definitions)
    ? followed(root, definitions[reference.slice('#/$defs/'.length)])
    : undefined
}
