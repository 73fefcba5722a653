import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { Ajv, MissingRefError } from 'ajv'
import { Ajv2019 } from 'ajv/dist/2019.js'
import { Ajv2020 } from 'ajv/dist/2020.js'
import draft6 from 'ajv/dist/refs/json-schema-draft-06.json' with { type: 'json' }
import { draftOf } from '../../features/validation/json-schema/dialect.ts'
import { type Validate, validator } from '../../features/validation/json-schema/validator.ts'
import type { JsonObject, JsonValue } from '../../pipe/pipe.ts'
import { SchemaError } from './schema-error.ts'
import { schemaWords } from './schema-words.ts'

const DRAFT_7 = /^http:\/\/json-schema\.org\/(draft-0[67]\/)?schema#?$/
const DRAFT_2019 = /^https:\/\/json-schema\.org\/draft\/2019-09\/schema#?$/
const DRAFT_2020 = /^https:\/\/json-schema\.org\/draft\/2020-12\/schema#?$/

/**
 * What a schema of the user's own finds wrong with a document, as one text, or `undefined`. The schema's `$schema`
 * names its draft (4, 6, 7, 2019-09, 2020-12; the last without one).
 *
 * @throws {SchemaError}
 */
export async function lintAgainst(
  place: string,
  document: JsonObject,
): Promise<string | undefined> {
  const file = schemaFile(place)
  const validate = compiled(await readSchema(file), file)
  const found = validate(document)
  if (found === undefined) return undefined
  return `jsonschema validation failed with '${pathToFileURL(file).href}#'\n${found}`
}

function schemaFile(place: string): string {
  if (/^https?:/i.test(place)) {
    throw new SchemaError(`failing loading "${place}": no network is used, give the path of a file`)
  }
  return place.startsWith('file:') ? fileURLToPath(place) : resolve(place)
}

async function readSchema(file: string): Promise<JsonObject | boolean> {
  let schema: JsonValue
  try {
    schema = JSON.parse(await readFile(file, 'utf8'))
  } catch (error) {
    throw new SchemaError(
      `failing loading "${pathToFileURL(file).href}": ${loadFailure(error, file)}`,
    )
  }
  if (typeof schema === 'boolean') return schema
  if (typeof schema === 'object' && schema !== null && !Array.isArray(schema)) return schema
  throw new SchemaError(
    `"${pathToFileURL(file).href}#" is not valid: got ${Array.isArray(schema) ? 'array' : typeof schema}, want boolean or object`,
  )
}

function loadFailure(error: unknown, file: string): string {
  if (!(error instanceof Error)) return String(error)
  const isMissing = 'code' in error && error.code === 'ENOENT'
  return isMissing ? `open ${file}: no such file or directory` : error.message
}

function compiled(schema: JsonObject | boolean, file: string): Validate {
  const place = pathToFileURL(file).href
  if (draftOf(schema) !== 4) refuseUnusable(schema, place)
  try {
    return validator(schema)
  } catch (error) {
    throw cannotCompile(place, error)
  }
}

/** Throws for a schema that is none by its draft's own rules, or that refers to what is not there. */
function refuseUnusable(schema: JsonObject | boolean, place: string): void {
  const ajv = ajvFor(typeof schema === 'boolean' ? undefined : schema['$schema'])
  if (ajv.validateSchema(schema) !== true) {
    const words = schemaWords(ajv.errors ?? [], schema)
    throw new SchemaError(
      `"${place}#" is not valid against metaschema: jsonschema validation failed\n${words}`,
    )
  }
  try {
    ajv.compile(schema)
  } catch (error) {
    if (error instanceof MissingRefError) {
      throw new SchemaError(`json-pointer in "${place}${error.missingRef}" not found`)
    }
    throw cannotCompile(place, error)
  }
}

function cannotCompile(place: string, error: unknown): SchemaError {
  const reason = error instanceof Error ? error.message : String(error)
  return new SchemaError(`"${place}#" cannot be compiled: ${reason}`)
}

const OPTIONS = {
  strict: false,
  allErrors: true,
  unicodeRegExp: false,
  validateFormats: false,
  verbose: true,
  logger: false,
} as const

function ajvFor(draft: JsonValue | undefined): Ajv {
  if (draft === undefined || DRAFT_2020.test(String(draft))) return new Ajv2020(OPTIONS)
  if (DRAFT_2019.test(String(draft))) return new Ajv2019(OPTIONS)
  if (!DRAFT_7.test(String(draft))) {
    throw new SchemaError(
      `failing loading ${JSON.stringify(draft)}: drafts 4, 6, 7, 2019-09 and 2020-12 are known`,
    )
  }
  return new Ajv(OPTIONS).addMetaSchema(draft6)
}
