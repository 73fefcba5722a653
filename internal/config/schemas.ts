import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { JsonObject, JsonValue } from '../pipe/pipe.ts'

/** Names the schema's version in its `$id`; a test keeps it equal to the package's. */
export const SCHEMA_VERSION = '0.1'
export const SCHEMA_ID = `urn:gateway:schema:${SCHEMA_VERSION}`

/** The levels of a document that have an `extra_config`. */
export type Level = 'service' | 'endpoint' | 'backend' | 'async_agent'
export const LEVELS: readonly Level[] = ['service', 'endpoint', 'backend', 'async_agent']
/** Where each namespace may stand. */
export type Places = Readonly<Record<string, readonly Level[]>>

/** One schema: the document, or a part of it, or a namespace. */
export type NamedSchema = { readonly name: string; readonly schema: JsonObject }

const PARTS = new URL('./schema/', import.meta.url)
const FEATURES = new URL('../features/', import.meta.url)
const BUILT = new URL('./schema.json', import.meta.url)
const ENDING = '.schema.json'
/** Comments of any kind: no key of these is ever unknown. */
const COMMENT_KEYS = '^[@$_#]'

/** One schema for whole documents, with a definition for each part and namespace: what `schema` prints. */
export function documentSchema(): JsonObject {
  return existsSync(BUILT) ? readJson(BUILT) : assembledSchema()
}

/** The same, put together from the sources. */
export function assembledSchema(): JsonObject {
  const parts = partSchemas()
  const namespaces = namespaceSchemas()
  const root = parts.find(({ name }) => name === 'root')?.schema ?? {}
  const definitions = [...parts, ...namespaces]
    .filter(({ name }) => name !== 'root')
    .map(({ name, schema }): [string, JsonValue] => [
      definitionName(name),
      resolved(withoutDialect(schema), name),
    ])
  const levels = LEVELS.map((level): [string, JsonValue] => [
    definitionName(`${level.replace('_', '-')}-extra-config`),
    extraConfigSchema(level, [...parts, ...namespaces]),
  ])
  return {
    $schema: 'https://json-schema.org/draft/2019-09/schema',
    $id: SCHEMA_ID,
    ...resolvedObject(withoutDialect(root), 'root'),
    $defs: Object.fromEntries([...definitions, ...levels]),
  }
}

/** The schemas of the document itself and of the namespaces that are no feature of their own. */
export function partSchemas(): NamedSchema[] {
  return readdirSync(PARTS)
    .sort()
    .map((file) => ({
      name: file.slice(0, -'.json'.length),
      schema: readJson(new URL(file, PARTS)),
    }))
}

/** The schemas that stand beside features: a file's path is its namespace. */
export function namespaceSchemas(): NamedSchema[] {
  return readdirSync(FEATURES, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith(ENDING))
    .sort()
    .map((file) => ({
      name: file.slice(0, -ENDING.length).replaceAll('\\', '/'),
      schema: readJson(new URL(file, FEATURES)),
    }))
}

/** Where each namespace may stand, from its schema's `x-places`. */
export function placesOf(schemas: readonly NamedSchema[]): Places {
  return Object.fromEntries(
    schemas.flatMap(({ name, schema }) => {
      const places = schema['x-places']
      return Array.isArray(places) ? [[name, LEVELS.filter((level) => places.includes(level))]] : []
    }),
  )
}

export function allPlaces(): Places {
  return placesOf([...partSchemas(), ...namespaceSchemas()])
}

/** `$defs` names have no slash: no pointer needs escapes. */
export function definitionName(name: string): string {
  return name.replaceAll('/', '.')
}

function extraConfigSchema(level: Level, schemas: readonly NamedSchema[]): JsonObject {
  const here = schemas.filter(
    ({ schema }) => Array.isArray(schema['x-places']) && schema['x-places'].includes(level),
  )
  return {
    type: 'object',
    properties: Object.fromEntries(
      here.map(({ name }) => [name, { $ref: `#/$defs/${definitionName(name)}` }]),
    ),
    patternProperties: { [COMMENT_KEYS]: true },
    additionalProperties: false,
  }
}

function withoutDialect(schema: JsonObject): JsonObject {
  const { $schema: _dialect, ...rest } = schema
  return rest
}

/** A schema whose `$ref`s, names of other schemas or `#` for itself, point into the whole. */
function resolved(value: JsonValue, self: string): JsonValue {
  if (Array.isArray(value)) return value.map((item) => resolved(item, self))
  return typeof value === 'object' && value !== null ? resolvedObject(value, self) : value
}

function resolvedObject(schema: JsonObject, self: string): JsonObject {
  return Object.fromEntries(
    Object.entries(schema).map(([key, value]) => {
      if (key !== '$ref' || typeof value !== 'string') return [key, resolved(value, self)]
      return [key, `#/$defs/${definitionName(value === '#' ? self : value)}`]
    }),
  )
}

function readJson(url: URL): JsonObject {
  return JSON.parse(readFileSync(fileURLToPath(url), 'utf8'))
}
