import { ConfigError } from '../../../errors.ts'
import type { JsonValue } from '../../../pipe/pipe.ts'
import type { Logger } from '../../../telemetry/log.ts'
import { type Bindings, celExpression, type Expression, type Owned } from './expression.ts'
import type { Phase } from './phases.ts'

/** The conditions of one block, by when they are looked at. */
export type Evaluators = Readonly<Record<Phase, readonly Expression[]>>

/** Compiles the block that stands at `path`, where `owner` (`GET /users`) is configured. */
export function evaluatorsOf(config: JsonValue, { path, owner }: Owned, log: Logger): Evaluators {
  if (!Array.isArray(config)) throw new ConfigError('a list of conditions is wanted', { path })
  const all = config.map((item, index) => {
    const at = { path: `${path}[${index}].check_expr`, owner }
    return expressionOf(item, at, log)
  })
  const of = (phase: Phase): Expression[] => all.filter(({ phases }) => phases.includes(phase))
  return { req: of('req'), resp: of('resp'), JWT: of('JWT') }
}

function expressionOf(item: JsonValue, at: Owned, log: Logger): Expression {
  const source =
    typeof item === 'object' && item !== null && 'check_expr' in item
      ? item['check_expr']
      : undefined
  if (typeof source !== 'string' || source === '')
    throw new ConfigError(`${at.owner}: an expression is wanted`, { path: at.path })
  const expression = celExpression(source, at)
  if (expression.refusesAll)
    log.warning(`${at.path}: "${source}" is never true or false: every request is refused`)
  return expression
}

/** How the log names what it tells of: a prefix, and what an expression is called there. */
export type Teller = { readonly log: Logger; readonly prefix: string; readonly noun: string }

/** Asks expressions in their order; the index of the first that is not true, or -1. */
export type FirstRefusal = (bindings: Bindings) => number

export function firstRefusal(expressions: readonly Expression[], teller: Teller): FirstRefusal {
  const { log, prefix, noun } = teller
  const names = expressions.map((_expression, index) => `${noun} #${index}`)
  return (bindings) => {
    for (const [index, expression] of expressions.entries()) {
      const result = expression.evaluate(bindings)
      if (result === true) {
        log.debug(prefix, names[index], 'result: true')
        continue
      }
      if (result instanceof Error) log.info(prefix, names[index], 'failed:', result.message)
      else log.info(prefix, names[index], 'result:', result)
      return index
    }
    return -1
  }
}
