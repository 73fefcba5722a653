import type { JsonObject, JsonValue } from '../pipe/pipe.ts'
import { childOf, valueAt } from './json-path.ts'
import { isGuard } from './namespaces.ts'
import { nearestName } from './nearest.ts'
import { type Finding, type Judged, type Path, shown } from './problem.ts'
import { knownKeys, schemaAt } from './schema-walk.ts'
import type { Violation } from './validation.ts'

/** Keys of the document whose values `rules.ts` judges, in KrakenD's words. */
const JUDGED_ELSEWHERE = new Set([
  'version',
  'port',
  'output_encoding',
  'encoding',
  'min_version',
  'max_version',
])
/** Values that their component reads in any case. */
const ANY_CASE = new Set([
  'qos/ratelimit/router.strategy',
  'backend/graphql.type',
  'telemetry/logging.level',
])
const EXTRA_CONFIG = 'extra_config'
const ROUTER = 'router'

/** What the schema finds wrong, sorted into what stops the start and what is only said. */
export function judgeViolations(
  document: JsonObject,
  violations: readonly Violation[],
  schema: () => JsonObject,
  judged: Judged,
): void {
  for (const violation of violations) {
    const path = pathOf(violation.instancePath, document)
    const value = valueAt(document, path)
    const namespace = namespaceOf(path)
    if (
      value === null ||
      isJudgedElsewhere(violation, path, namespace) ||
      isOtherCase(violation, path, value)
    )
      continue
    if (violation.keyword === 'additionalProperties') {
      judged.warnings.push(unknownKey(violation, path, schema()))
      continue
    }
    const finding = wrongValue(violation, path, value, schema())
    if (isImpossible(violation, value, namespace)) judged.errors.push(finding)
    else judged.warnings.push({ ...finding, effect: effectOf(violation, namespace) })
  }
}

/** A value of another type in something that guards requests: it could not work. A number for a whole number can. */
function isImpossible(
  violation: Violation,
  value: JsonValue | undefined,
  namespace: string | undefined,
): boolean {
  if (violation.keyword !== 'type' || namespace === undefined || !isGuard(namespace)) return false
  return !(violation.params.type === 'integer' && typeof value === 'number')
}

function effectOf({ keyword }: Violation, namespace: string | undefined): string {
  if (keyword === 'required' && namespace === undefined) return 'the default is used'
  if (namespace === ROUTER && keyword === 'type') return 'it is ignored'
  if (keyword === 'type') return 'it is ignored'
  return namespace === undefined ? 'it is used as written' : `${namespace} decides what it means`
}

function isJudgedElsewhere(
  { keyword, params }: Violation,
  path: Path,
  namespace: string | undefined,
): boolean {
  const last = path.at(-1)
  // Namespaces are judged by their places.
  if (keyword === 'additionalProperties' && last === EXTRA_CONFIG) return true
  if (namespace !== undefined || typeof last === 'number') {
    return namespace === undefined && keyword === 'required' && params.missingProperty === 'backend'
  }
  return (
    keyword === 'minItems' ||
    JUDGED_ELSEWHERE.has(String(last)) ||
    (keyword === 'required' && params.missingProperty === 'version')
  )
}

function isOtherCase(
  { keyword, params }: Violation,
  path: Path,
  value: JsonValue | undefined,
): boolean {
  if (keyword !== 'enum' || typeof value !== 'string' || !ANY_CASE.has(path.slice(-2).join('.')))
    return false
  return texts(params.allowedValues).some(
    (allowed) => allowed.toLowerCase() === value.toLowerCase(),
  )
}

function unknownKey({ params }: Violation, path: Path, schema: JsonObject): Finding {
  const key = String(params.additionalProperty)
  const known = knownKeys(schema, path)
  return {
    path: [...path, key],
    atKey: true,
    message: `unknown key "${key}"`,
    effect: 'it is ignored',
    nearest: nearestName(key, known),
  }
}

function wrongValue(
  violation: Violation,
  path: Path,
  value: JsonValue | undefined,
  schema: JsonObject,
): Finding {
  const { keyword, params } = violation
  const found = value === undefined || keyword === 'required' ? {} : { found: shown(value) }
  const allowed = allowedBy(violation, schemaAt(schema, path))
  const message =
    keyword === 'required' ? `missing key "${String(params.missingProperty)}"` : WORDS[keyword]
  return {
    path,
    message: message ?? `does not follow the schema (${keyword})`,
    ...found,
    ...(allowed === undefined ? {} : { allowed }),
    ...(keyword === 'enum' && typeof value === 'string'
      ? { nearest: nearestName(value, texts(params.allowedValues)) }
      : {}),
  }
}

const WORDS: Readonly<Record<string, string>> = {
  type: 'a value of another type',
  enum: 'an unknown value',
  const: 'an unknown value',
  minimum: 'a value out of range',
  maximum: 'a value out of range',
  exclusiveMinimum: 'a value out of range',
  minItems: 'too few items',
  maxItems: 'too many items',
  minProperties: 'too few keys',
  maxProperties: 'too many keys',
}

function allowedBy(
  { keyword, params }: Violation,
  schema: JsonObject | undefined,
): string | undefined {
  switch (keyword) {
    case 'type':
      return [schema?.type ?? params.type].flat().join(' or ')
    case 'enum':
      return texts(params.allowedValues).join(', ')
    case 'minimum':
      return `at least ${params.limit}`
    case 'exclusiveMinimum':
      return `more than ${params.limit}`
    case 'maximum':
      return `at most ${params.limit}`
    case 'minItems':
    case 'minProperties':
      return `at least ${params.limit}`
    case 'maxItems':
    case 'maxProperties':
      return `at most ${params.limit}`
    default:
      return undefined
  }
}

function texts(values: unknown): string[] {
  return Array.isArray(values) ? values.map(String) : []
}

/** The namespace a path leads into. */
function namespaceOf(path: Path): string | undefined {
  const at = path.indexOf(EXTRA_CONFIG)
  const name = at < 0 ? undefined : path[at + 1]
  return typeof name === 'string' ? name : undefined
}

/** A JSON pointer as keys and indices of `document`. */
function pathOf(pointer: string, document: JsonObject): (string | number)[] {
  const path: (string | number)[] = []
  let here: JsonValue | undefined = document
  for (const part of pointer.split('/').slice(1)) {
    const key = part.replaceAll('~1', '/').replaceAll('~0', '~')
    path.push(Array.isArray(here) ? Number(key) : key)
    here = childOf(here, path.at(-1) ?? '')
  }
  return path
}
