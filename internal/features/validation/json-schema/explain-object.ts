import type { JsonObject, JsonValue } from '../../../pipe/pipe.ts'
import { isKeywords } from './dialect.ts'
import { bound } from './explain-value.ts'
import { type Fault, fault, faults, inside, type Look, ungrouped } from './fault.ts'
import { allQuoted, quoted } from './words.ts'

export function objectFaults(schema: JsonObject, value: JsonObject, look: Look): Fault[] {
  return [
    ...sizeFaults(schema, value, look),
    ...dependencyFaults(schema['dependencies'], value, look),
    ...propertyFaults(schema, value, look),
    ...nameFaults(schema['propertyNames'], value, look),
    ...dependencyFaults(schema['dependentSchemas'], value, look),
    ...dependencyFaults(schema['dependentRequired'], value, look),
  ]
}

function sizeFaults(schema: JsonObject, value: JsonObject, look: Look): Fault[] {
  const { minProperties, maxProperties, required } = schema
  const size = Object.keys(value).length
  const missing = missingOf(required, value)
  const texts = [
    typeof minProperties === 'number' &&
      size < minProperties &&
      bound('minProperties', size, minProperties),
    typeof maxProperties === 'number' &&
      size > maxProperties &&
      bound('maxProperties', size, maxProperties),
    missing.length > 0 &&
      `missing ${missing.length === 1 ? 'property' : 'properties'} ${allQuoted(missing)}`,
  ]
  return texts.filter((text) => text !== false).map((text) => fault(look, text))
}

const missingOf = (required: JsonValue | undefined, value: JsonObject): string[] =>
  Array.isArray(required) ? required.map(String).filter((name) => !Object.hasOwn(value, name)) : []

/** Properties, or a whole schema, that another property brings with it. */
function dependencyFaults(
  dependencies: JsonValue | undefined,
  value: JsonObject,
  look: Look,
): readonly Fault[] {
  if (!isKeywords(dependencies)) return []
  return Object.entries(dependencies).flatMap(([name, dependency]) => {
    if (!Object.hasOwn(value, name)) return []
    if (!Array.isArray(dependency)) return faults(dependency, value, look)
    const missing = missingOf(dependency, value)
    if (missing.length === 0) return []
    return [fault(look, `properties ${allQuoted(missing)} required, if ${quoted(name)} exists`)]
  })
}

function propertyFaults(schema: JsonObject, value: JsonObject, look: Look): Fault[] {
  const properties = isKeywords(schema['properties']) ? schema['properties'] : {}
  const patterns = isKeywords(schema['patternProperties'])
    ? Object.entries(schema['patternProperties'])
    : []
  const { additionalProperties } = schema
  const unwanted: string[] = []
  const found = Object.entries(value).flatMap(([name, item]) => {
    const own = Object.hasOwn(properties, name) ? [properties[name] ?? null] : []
    const matching = patterns.filter(([source]) => look.pattern(source)(name))
    const schemas = [...own, ...matching.map(([, pattern]) => pattern)]
    if (schemas.length === 0 && additionalProperties === false) unwanted.push(name)
    else if (schemas.length === 0) schemas.push(additionalProperties ?? true)
    return schemas.flatMap((each) => faults(each, item, inside(look, name)))
  })
  if (unwanted.length === 0) return found
  return [...found, fault(look, `additional properties ${allQuoted(unwanted)} not allowed`)]
}

function nameFaults(names: JsonValue | undefined, value: JsonObject, look: Look): Fault[] {
  if (names === undefined) return []
  return Object.keys(value).flatMap((name) => {
    const causes = ungrouped(look.all(names, name, { ...look, path: [] }))
    return causes.length === 0 ? [] : [fault(look, `invalid propertyName ${quoted(name)}`, causes)]
  })
}
