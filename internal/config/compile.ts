import { writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { Ajv2019, type Options } from 'ajv/dist/2019.js'
import standalone from 'ajv/dist/standalone/index.js'
import { isObject } from '../pipe/is-object.ts'
import type { JsonObject, JsonValue } from '../pipe/pipe.ts'
import { allPlaces, assembledSchema } from './schemas.ts'
import type { Validation } from './validation.ts'

const OPTIONS: Options = {
  allErrors: true,
  allowUnionTypes: true,
  strictRequired: false,
  // One function for each definition, not a copy at each place: 10 times less code.
  inlineRefs: false,
  // `violations.ts` has the words.
  messages: false,
}

/** Compiles the schema at run time: how it runs from sources. */
export function compileValidation(): Validation {
  const validate = new Ajv2019(OPTIONS).compile(bare(assembledSchema()))
  return { validate, places: allPlaces() }
}

/**
 * Writes the compiled schema as a module (`outFile`, whose name must be `validator.js`) and, beside it, the schema
 * itself as `schema.json`: with both a start needs neither ajv nor the sources.
 */
export async function writeValidator(outFile: string): Promise<void> {
  const schema = assembledSchema()
  const ajv = new Ajv2019({ ...OPTIONS, code: { source: true, esm: true } })
  const code = standalone.default(ajv, ajv.compile(bare(schema)))
  const places = `\nexport const places = ${JSON.stringify(allPlaces())}\n`
  await writeFile(outFile, code + places)
  await writeFile(join(dirname(outFile), 'schema.json'), `${JSON.stringify(schema, null, 2)}\n`)
}

const ANNOTATIONS = new Set([
  'title',
  'description',
  'examples',
  'default',
  'deprecated',
  'x-places',
])

/** The schema without what is for readers: a third of the code to load. */
function bare(schema: JsonObject): JsonObject {
  const entries = Object.entries(schema).flatMap(([key, value]): [string, JsonValue][] => {
    if (key === 'properties' || key === '$defs' || key === 'patternProperties')
      return [[key, each(value, bare)]]
    if (ANNOTATIONS.has(key)) return []
    return [[key, isObject(value) ? bare(value) : value]]
  })
  return Object.fromEntries(entries)
}

function each(value: JsonValue, change: (schema: JsonObject) => JsonObject): JsonValue {
  if (!isObject(value)) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, schema]) => [
      name,
      isObject(schema) ? change(schema) : schema,
    ]),
  )
}
