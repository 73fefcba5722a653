import type { ErrorObject } from 'ajv'
import type { JsonValue } from '../../pipe/pipe.ts'

/** An error with those of its branches (`anyOf`, `oneOf`, `contains`, `propertyNames`) below it. */
type Node = { readonly error: ErrorObject; readonly children: Node[] }

/**
 * What ajv found, in the words KrakenD's validator has for it: a line an error, `- at '/endpoints/0': missing
 * property 'host'`, branches indented below what they belong to. ajv must have run with `verbose`.
 */
export function schemaWords(errors: readonly ErrorObject[], document: JsonValue): string {
  return lines(tree(errors), '').join('\n') || `- at '': ${typeof document} refused`
}

const BRANCHING: ReadonlySet<string> = new Set(['anyOf', 'oneOf', 'contains', 'propertyNames'])

/** ajv lists branches before what they belong to; `if` and `$ref` say nothing of their own. */
function tree(errors: readonly ErrorObject[]): Node[] {
  const roots: Node[] = []
  for (const error of errors) {
    if (error.keyword === 'if' || error.keyword === '$ref') continue
    const children: Node[] = []
    if (BRANCHING.has(error.keyword)) {
      const inside = `${error.schemaPath}/`
      const isBelow = (node: Node): boolean => belongsTo(node.error, error, inside)
      children.push(...roots.filter(isBelow))
      roots.splice(0, roots.length, ...roots.filter((node) => !isBelow(node)))
    }
    roots.push({ error, children })
  }
  return roots
}

function belongsTo(error: ErrorObject, parent: ErrorObject, inside: string): boolean {
  if (!error.schemaPath.startsWith(inside)) return false
  if (parent.keyword !== 'propertyNames') return error.instancePath.startsWith(parent.instancePath)
  return error.propertyName === parent.params['propertyName']
}

function lines(nodes: readonly Node[], indent: string): string[] {
  return grouped(nodes).flatMap(({ path, words, children }) => [
    `${indent}- at '${path}': ${words}`,
    ...lines(children, `${indent}  `),
  ])
}

type Line = { readonly path: string; readonly words: string; readonly children: readonly Node[] }

/** KrakenD names all missing or surplus properties of an object in one line; ajv has an error for each. */
function grouped(nodes: readonly Node[]): Line[] {
  const result: Line[] = []
  const seen = new Set<string>()
  for (const { error, children } of nodes) {
    const key = LISTED[error.keyword]
    const path = pathOf(error)
    if (key === undefined) {
      result.push({ path, words: wordsFor(error), children })
      continue
    }
    const group = `${error.schemaPath} ${path}`
    if (seen.has(group)) continue
    seen.add(group)
    const names = nodes
      .filter((node) => `${node.error.schemaPath} ${node.error.instancePath}` === group)
      .map((node) => quoted(String(node.error.params[key])))
    result.push({ path, words: listWords(error, names), children })
  }
  return result
}

/** What is not evaluated is refused where it stands, not where it was looked for. */
function pathOf({ instancePath, params }: ErrorObject): string {
  const surplus: unknown = params['unevaluatedProperty']
  if (typeof surplus !== 'string') return instancePath
  return `${instancePath}/${surplus.replaceAll('~', '~0').replaceAll('/', '~1')}`
}

const LISTED: Readonly<Record<string, string>> = {
  required: 'missingProperty',
  additionalProperties: 'additionalProperty',
  dependencies: 'missingProperty',
  dependentRequired: 'missingProperty',
}

function listWords({ keyword, params }: ErrorObject, names: readonly string[]): string {
  const list = names.join(', ')
  if (keyword === 'additionalProperties') return `additional properties ${list} not allowed`
  if (keyword === 'required')
    return `missing ${names.length > 1 ? 'properties' : 'property'} ${list}`
  return `properties ${list} required, if ${quoted(String(params['property']))} exists`
}

type Words = (error: ErrorObject) => string

const limit: Words = ({ keyword, data, params }) =>
  `${keyword}: got ${counted(data)}, want ${counted(params['limit'])}`

const WORDS: Readonly<Record<string, Words>> = {
  type: ({ data, params }) => `got ${typeName(data)}, want ${typeList(params['type'])}`,
  enum: ({ params }) => enumWords(params['allowedValues']),
  const: ({ params }) =>
    isPlain(params['allowedValue'])
      ? `value must be ${shown(params['allowedValue'])}`
      : "'const' failed",
  minimum: limit,
  maximum: limit,
  exclusiveMinimum: limit,
  exclusiveMaximum: limit,
  minLength: limit,
  maxLength: limit,
  minItems: limit,
  maxItems: limit,
  minProperties: limit,
  maxProperties: limit,
  multipleOf: ({ data, params }) =>
    `multipleOf: got ${counted(data)}, want ${counted(params['multipleOf'])}`,
  pattern: ({ data, params }) =>
    `${shown(data)} does not match pattern ${quoted(String(params['pattern']))}`,
  uniqueItems: ({ params }) =>
    `items at ${Math.min(params['i'], params['j'])} and ${Math.max(params['i'], params['j'])} are equal`,
  oneOf: ({ params }) =>
    params['passingSchemas'] === null
      ? "'oneOf' failed, none matched"
      : `'oneOf' failed, subschemas ${params['passingSchemas'].join(', ')} matched`,
  contains: ({ params }) => containsWords(params['minContains'], params['maxContains']),
  items: () => 'false schema',
  propertyNames: ({ params }) => `invalid propertyName ${quoted(String(params['propertyName']))}`,
  'false schema': () => 'false schema',
  unevaluatedProperties: () => 'false schema',
  unevaluatedItems: () => 'false schema',
}

function wordsFor(error: ErrorObject): string {
  return WORDS[error.keyword]?.(error) ?? `'${error.keyword}' failed`
}

function enumWords(values: readonly unknown[]): string {
  if (!values.every(isPlain)) return "'enum' failed"
  const list = values.map(shown).join(', ')
  return values.length === 1 ? `value must be ${list}` : `value must be one of ${list}`
}

function containsWords(min: number, max: number | undefined): string {
  if (max !== undefined) return `${min} to ${max} items required to match contains schema`
  return min > 1
    ? `min ${min} items required to match contains schema`
    : 'no items match contains schema'
}

const isPlain = (value: unknown): boolean => typeof value !== 'object' || value === null

const shown = (value: unknown): string =>
  typeof value === 'string' ? quoted(value) : value === null ? '<nil>' : String(value)

const quoted = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`

/** Sizes and numbers with separators, as English readers write them: 8,080. */
function counted(value: unknown): string {
  const size =
    typeof value === 'number'
      ? value
      : typeof value === 'string'
        ? [...value].length
        : Array.isArray(value)
          ? value.length
          : Object.keys(value ?? {}).length
  return size.toLocaleString('en-US', { maximumFractionDigits: 20 })
}

const typeName = (value: unknown): string =>
  value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value

const TYPE_ORDER = ['null', 'boolean', 'number', 'integer', 'string', 'array', 'object']

const typeList = (types: string | readonly string[]): string =>
  [types]
    .flat()
    .toSorted((a, b) => TYPE_ORDER.indexOf(a) - TYPE_ORDER.indexOf(b))
    .join(' or ')
