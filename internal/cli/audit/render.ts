import { builtins } from '../../config/template/builtins.ts'
import { execute } from '../../config/template/exec.ts'
import { type Func, func } from '../../config/template/func.ts'
import { marshalJson } from '../../config/template/go-json.ts'
import type { Template } from '../../config/template/nodes.ts'
import { parseTemplate } from '../../config/template/parser.ts'
import { List, Struct, type Value } from '../../config/template/value.ts'
import { colored, type Finding } from './findings.ts'

/** A template that cannot be read (`parsing`) or fails at work (`rendering`). */
export class FormatError extends Error {
  override readonly name = 'FormatError'
  readonly step: 'parsing the template' | 'rendering the results'

  constructor(step: FormatError['step'], cause: unknown) {
    super(cause instanceof Error ? cause.message : String(cause), { cause })
    this.step = step
  }
}

/** The template's name, as Go's messages show it. */
const NAME = 'audit'

const FUNCTIONS: ReadonlyMap<string, Func> = new Map([
  ...Object.entries(builtins),
  ['marshal', func(['any'], (value) => marshalJson(withJsonNames(value)))],
  ['colored', func(['string'], colored)],
])

/**
 * The findings through a Go template, as `audit -f` takes it: `.Recommendations` is a list of `.Rule`, `.Severity`
 * and `.Message`; `marshal` prints JSON, `colored` colours a severity.
 *
 * @throws {FormatError}
 */
export function render(template: string, findings: readonly Finding[]): string {
  const templates = new Map<string, Template>()
  const source = { name: NAME, path: NAME, text: template }
  attempt('parsing the template', () =>
    parseTemplate(source, (name) => FUNCTIONS.has(name), templates),
  )
  return attempt(
    'rendering the results',
    () => execute({ templates, functions: FUNCTIONS }, NAME, result(findings)).text,
  )
}

function attempt<T>(step: FormatError['step'], work: () => T): T {
  try {
    return work()
  } catch (error) {
    throw new FormatError(step, error)
  }
}

function result(findings: readonly Finding[]): Struct {
  const recommendations = findings.map(({ rule, severity, message }) =>
    struct('audit.Recommendation', { Rule: rule, Severity: severity, Message: message }),
  )
  return struct('audit.AuditResult', {
    Recommendations: new List(recommendations, 'audit.Recommendation'),
    Stats: struct('audit.Stats', {}),
  })
}

const struct = (type: string, fields: Readonly<Record<string, Value>>): Struct =>
  new Struct({ type, fields: new Map(Object.entries(fields)) })

/** Go's fields are called otherwise in JSON: `Rule` is `rule`. */
function withJsonNames(value: Value): Value {
  if (value instanceof List) return new List(value.items.map(withJsonNames), value.element)
  if (!(value instanceof Struct)) return value
  const entries = [...value.fields].map(
    ([name, field]) => [name.toLowerCase(), withJsonNames(field)] as const,
  )
  return new Struct({ type: value.type, fields: new Map(entries) })
}
