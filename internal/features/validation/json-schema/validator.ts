import { createRequire } from 'node:module'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Ajv, ErrorObject, Options, ValidateFunction } from 'ajv'
import { compiledPattern, type Pattern } from '../../../pipe/linear-pattern.ts'
import type { JsonValue } from '../../../pipe/pipe.ts'
import { type Draft, draftOf, forLibrary, isKeywords, type Schema } from './dialect.ts'
import { duplicates, isMultiple } from './exact.ts'
import { explain } from './explain.ts'
import { FORMATS } from './formats.ts'
import { withSentNames, withShownNames } from './hidden-name.ts'
import { type References, referencesOf } from './references.ts'
import { quoted } from './words.ts'

/** What is wrong with a value, in KrakenD's words; `undefined` when it follows the schema. */
export type Validate = (value: JsonValue) => string | undefined

/** Only configurations with schemas pay for the library. */
const load = createRequire(import.meta.url)

/** Compiles a schema. Throws an `Error` that says why, when it is none or refers to what is not there. */
export function validator(source: Schema): Validate {
  const draft = draftOf(source)
  if (draft === undefined)
    throw new Error(`unknown dialect ${String((source as { $schema?: unknown }).$schema)}`)
  const base = pathToFileURL(path.resolve('schema.json')).href
  const schema = withRootAnchor(forLibrary(source, draft))
  const references = referencesOf(schema, base, draft)
  const text = JSON.stringify([schema, ...references.files.map((file) => file.schema)])
  const looksFurther = text.includes('"unevaluated')
  // Where it stops at the first error, the library forgets `contains` for an empty list that has a tuple, too.
  const allErrors = text.includes('"contains"')
  const validate = compiled(schema, base, references, { draft, allErrors })
  // All that is left over is named, not only the first: for the schemas that ask for it.
  const explaining =
    looksFurther && !allErrors
      ? compiled(schema, base, references, { draft, allErrors: true })
      : validate
  const pattern = patternsByText()
  return (value) => {
    let shown = value
    try {
      if (looksFurther) shown = withShownNames(value)
      if (validate(shown)) return undefined
    } catch (error) {
      if (error instanceof RangeError) return TOO_DEEP
      throw error
    }
    return explain(value, { draft, references, pattern }) || libraryWords(explaining, shown)
  }
}

/** The library overlooks an anchor of the root: it moves to a part that refers to the root. */
function withRootAnchor(schema: JsonValue): JsonValue {
  if (!isKeywords(schema) || schema['$anchor'] === undefined) return schema
  const { $anchor, $defs, ...rest } = schema
  const parts = isKeywords($defs) ? $defs : {}
  return { ...rest, $defs: { ...parts, [`anchor ${String($anchor)}`]: { $anchor, $ref: '#' } } }
}

const TOO_DEEP = "- at '': nested too deeply"

function compiled(
  schema: JsonValue,
  base: string,
  { files }: References,
  { draft, allErrors = false }: { readonly draft: Draft; readonly allErrors?: boolean },
): ValidateFunction {
  for (const each of [schema, ...files.map((file) => file.schema)]) judge(each as Schema, draft)
  const ajv = library(draft, { meta: false, validateSchema: false, allErrors })
  addExactKeywords(ajv)
  for (const [name, fault] of Object.entries(FORMATS))
    ajv.addFormat(name, { type: 'string', validate: (text: string) => fault(text) === undefined })
  for (const file of files) ajv.addSchema(file.schema as Schema, file.base)
  ajv.addSchema(schema as Schema, base)
  const validate = ajv.getSchema(base)
  if (validate === undefined) throw new Error('the schema cannot be compiled')
  return validate
}

/** The rules of each draft, compiled once: they cost ten times what a schema does. */
const rulesOf = new Map<Draft, Ajv>()

/** Throws unless `schema` follows the rules of its draft. */
function judge(schema: Schema, draft: Draft): void {
  const rules = rulesOf.get(draft) ?? library(draft, {})
  rulesOf.set(draft, rules)
  if (rules.validateSchema(schema) !== true)
    throw new Error(`no valid schema: ${rules.errorsText(rules.errors, { dataVar: 'schema' })}`)
}

function library(draft: Draft, more: Options): Ajv {
  const options: Options = {
    ...{ strict: false, logger: false, ownProperties: true, strictNumbers: false },
    validateFormats: draft <= 7,
    // Up to draft 7 a reference stands alone.
    ...(draft <= 7 ? { ignoreKeywordsWithRef: true } : {}),
    code: { regExp: Object.assign(linearEngine, { code: '' }) },
    ...more,
  }
  if (draft === 2020) {
    const { Ajv2020 } = load('ajv/dist/2020.js') as typeof import('ajv/dist/2020.js')
    return new Ajv2020(options)
  }
  if (draft === 2019) {
    const { Ajv2019 } = load('ajv/dist/2019.js') as typeof import('ajv/dist/2019.js')
    return new Ajv2019(options)
  }
  // In two steps: the compiler takes a type's parentheses away, and `new load('ajv').Ajv()` is another thing.
  const { Ajv: Ajv7 } = load('ajv') as typeof import('ajv')
  return new Ajv7(options)
}

/** RE2 in the place of the engine that can be made to backtrack for years. */
function linearEngine(source: string): { test: Pattern } {
  const test = compiledPattern(source)
  if (typeof test === 'string') throw new Error(test)
  // The library tells patterns apart by their text.
  return { test, toString: () => source } as { test: Pattern }
}

function patternsByText(): (source: string) => Pattern {
  const known = new Map<string, Pattern>()
  return (source) => {
    const pattern = known.get(source) ?? linearEngine(source).test
    known.set(source, pattern)
    return pattern
  }
}

/** Keywords whose own implementation rounds, or takes time by the square of a list's length. */
function addExactKeywords(ajv: Ajv): void {
  ajv.removeKeyword('multipleOf')
  ajv.addKeyword({
    keyword: 'multipleOf',
    type: 'number',
    schemaType: 'number',
    metaSchema: { type: 'number', exclusiveMinimum: 0 },
    compile: (of: number) => (value: number) => isMultiple(value, of),
  })
  ajv.removeKeyword('uniqueItems')
  ajv.addKeyword({
    keyword: 'uniqueItems',
    type: 'array',
    schemaType: 'boolean',
    compile: (isWanted: boolean) => (items: JsonValue[]) =>
      !isWanted || duplicates(items) === undefined,
  })
}

/** For the few keywords that nothing else words. */
function libraryWords(validate: ValidateFunction, value: JsonValue): string {
  validate(value)
  const errors = validate.errors ?? []
  return errors.length === 0
    ? "- at '': validation failed"
    : withSentNames(errors.map(inWords).join('\n'))
}

function inWords({ instancePath, keyword, params, message, schema }: ErrorObject): string {
  const property: unknown = params['unevaluatedProperty'] ?? params['limit']
  const isFalse = keyword.startsWith('unevaluated') && !isKeywords(schema as JsonValue)
  return isFalse
    ? `- at ${quoted(`${instancePath}/${String(property)}`)}: false schema`
    : `- at ${quoted(instancePath)}: ${message ?? 'validation failed'}`
}
