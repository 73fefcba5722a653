import type {
  BinaryOperator,
  Block,
  CallExpression,
  Expression,
  FunctionExpression,
  MethodExpression,
  TableExpression,
} from '../language/ast.ts'
import { equality, fast, isNumeral, isTrue, joined, nameOf, slow } from './operator-text.ts'
import type { Writer } from './writer.ts'

type Kinds = Expression['kind']
type Of<K extends Kinds> = Extract<Expression, { kind: K }>

/** The JavaScript expression of a comparison is a boolean; that of other things has to be tested. */
const COMPARISONS = new Set<BinaryOperator>(['==', '~=', '<', '<=', '>', '>='])
const SPREADS = new Set<Kinds>(['call', 'method', 'varargs'])
/** Cannot change a variable while they are computed. */
const HARMLESS = new Set<Kinds>(['nil', 'true', 'false', 'number', 'string', 'function', 'varargs'])

/** Writes what computes expressions. An operand is a name or a literal, so that it can stand twice. */
export class ExpressionWriter {
  readonly #out: Writer
  readonly #body: (body: Block) => void

  constructor(out: Writer, body: (body: Block) => void) {
    this.#out = out
    this.#body = body
  }

  /** One value. */
  operand(expression: Expression): string {
    switch (expression.kind) {
      case 'nil':
        return 'undefined'
      case 'true':
      case 'false':
        return expression.kind
      case 'number':
        return String(expression.value)
      case 'string':
        return JSON.stringify(expression.value)
      case 'varargs':
        return this.#out.keep('V[0]')
      case 'name':
        return this.#name(expression)
      case 'parens':
        return this.operand(expression.inner)
      case 'index':
        return this.#index(this.operand(expression.object), expression)
      case 'call':
      case 'method':
        return this.#out.keep(`${this.call(expression)}[0]`)
      case 'function':
        return this.#function(expression)
      case 'table':
        return this.#table(expression)
      case 'logical':
        return this.#logical(expression)
      case 'unary':
        return this.#unary(expression)
      case 'binary':
        return this.#binary(expression)
    }
  }

  /** A JavaScript boolean: whether the value is neither nil nor false. */
  condition(expression: Expression): string {
    if (expression.kind === 'unary' && expression.operator === 'not')
      return `!(${this.condition(expression.operand)})`
    const text = this.operand(expression)
    if (expression.kind === 'binary' && COMPARISONS.has(expression.operator)) return text
    return isTrue(text)
  }

  /** Several values as a JavaScript list; the last expression gives all it has. */
  values(list: readonly Expression[]): string {
    const last = list.at(-1)
    if (last === undefined) return '[]'
    if (!SPREADS.has(last.kind)) return `[${this.operands(list).join(',')}]`
    const before = this.operands(list.slice(0, -1), false)
    const rest = last.kind === 'varargs' ? 'V' : this.call(last as CallExpression)
    return before.length === 0 ? rest : `[${before.join(',')},...${rest}]`
  }

  /** One value each, as it was when its turn came. */
  operands(list: readonly Expression[], isAll = true): string[] {
    const isQuiet = list.map(({ kind }) => HARMLESS.has(kind) || kind === 'name')
    return list.map((expression, at) => {
      const text = this.operand(expression)
      const isSafe = isAll && isQuiet.slice(at + 1).every((quiet) => quiet)
      return isSafe || expression.kind !== 'name' ? text : this.#out.keep(text)
    })
  }

  /** Exactly `count` values. */
  adjusted(list: readonly Expression[], count: number): string[] {
    const last = list.at(-1)
    if (last === undefined || list.length > count || !SPREADS.has(last.kind)) {
      const operands = this.operands(list)
      while (operands.length < count) operands.push('undefined')
      return operands.slice(0, count)
    }
    const before = this.operands(list.slice(0, -1), false)
    const rest = last.kind === 'varargs' ? 'V' : this.call(last as CallExpression)
    for (let at = 0; before.length < count; at++) before.push(`${rest}[${at}]`)
    return before
  }

  /** The name of the list of values that a call gives. */
  call(expression: CallExpression | MethodExpression): string {
    const [callee, args] = this.callee(expression)
    return this.#out.keep(
      `${callee} instanceof Native?${callee}.call(S,${args}):yield*S.call(${callee},${args})`,
    )
  }

  /** What is called, with what; where it stands is noted. */
  callee(expression: CallExpression | MethodExpression): [string, string] {
    const out = this.#out
    if (expression.kind === 'call') {
      const callee = this.#steady(expression.callee, expression.args)
      const args = this.values(expression.args)
      out.line(`${out.at(expression.line, nameOf(expression.callee))};`)
      return [callee, args]
    }
    const object = this.#steady(expression.object, expression.args)
    const key: Expression = { kind: 'string', value: expression.name, line: expression.line }
    const callee = this.#get(object, this.operand(key), expression.line)
    const args = this.values(expression.args)
    out.line(`${out.at(expression.line, expression.name)};`)
    return [callee, args === '[]' ? `[${object}]` : joined(object, args)]
  }

  /** A name for what is called or asked for a method, whatever its arguments do. */
  #steady(expression: Expression, later: readonly Expression[]): string {
    const [text] = this.operands([expression], later.length === 0) as [string]
    return /^v\d/.test(text) ? text : this.#out.keep(text)
  }

  #name({ name, line }: Of<'name'>): string {
    const variable = this.#out.scope.find(name)
    if (variable !== undefined) return variable
    const out = this.#out
    const found = out.fresh()
    const key = JSON.stringify(name)
    out.line(`let ${found}=F.env.text(${key});`)
    out.line(
      `if(${found}===undefined&&F.env.meta!==undefined){${out.at(line)};${found}=yield*S.index(F.env,${key});}`,
    )
    return found
  }

  #index(object: string, { key, line }: Of<'index'>): string {
    return this.#get(object, this.operand(key), line)
  }

  #get(object: string, key: string, line: number): string {
    const out = this.#out
    const found = out.fresh()
    out.line(`${out.at(line)};let ${found}=S.get(${object},${key});`)
    out.line(`if(${found}===PENDING)${found}=yield*S.getPending();`)
    return found
  }

  #logical({ operator, left, right }: Of<'logical'>): string {
    const out = this.#out
    const result = out.fresh()
    out.line(`let ${result}=${this.operand(left)};`)
    out.line(`if(${operator === 'and' ? '' : '!'}(${isTrue(result)})){`)
    out.line(`${result}=${this.operand(right)};}`)
    return result
  }

  #unary({ operator, operand, line }: Of<'unary'>): string {
    const out = this.#out
    if (operator === 'not') return out.keep(`!(${this.condition(operand)})`)
    const value = this.operand(operand)
    if (operator === '-')
      return out.keep(
        `typeof ${value}==='number'?-${value}:(${out.at(line)},yield*negate(S,${value}))`,
      )
    return out.keep(
      `typeof ${value}==='string'?(${value}).length:(${out.at(line)},yield*lengthOf(S,${value}))`,
    )
  }

  #binary({ operator, left, right, line }: Of<'binary'>): string {
    const out = this.#out
    const one = this.operand(left)
    const other = this.operand(right)
    const at = out.at(line)
    if (operator === '==' || operator === '~=')
      return out.keep(`${operator === '==' ? '' : '!'}(${equality(one, other, at)})`)
    if (operator === '..')
      return out.keep(
        `typeof ${one}==='string'&&typeof ${other}==='string'?S.join(${one},${other}):(${at},yield*concat(S,${one},${other}))`,
      )
    const both = [one, other].filter((text) => !isNumeral(text))
    const isNumeric = both.map((text) => `typeof ${text}==='number'`).join('&&') || 'true'
    return out.keep(
      `${isNumeric}?${fast(operator, one, other)}:(${at},yield*${slow(operator, one, other)})`,
    )
  }

  #table({ fields, line }: TableExpression): string {
    const out = this.#out
    const table = out.keep('S.table()')
    const listed = this.#fields(table, fields, line)
    if (listed !== '') out.line(`S.fill(${table},${listed});`)
    return table
  }

  /** Writes the fields with keys into a table as their turn comes; the others as a list, or nothing. */
  #fields(table: string, fields: TableExpression['fields'], line: number): string {
    if (fields.every(({ key }) => key === undefined))
      return fields.length === 0 ? '' : this.values(fields.map(({ value }) => value))
    const out = this.#out
    const listed: string[] = []
    for (const [at, { key, value }] of fields.entries()) {
      if (key !== undefined) {
        const [name, content] = this.operands([key, value]) as [string, string]
        out.line(`${out.at(line)};S.rawSet(${table},${name},${content});`)
      } else if (at === fields.length - 1 && SPREADS.has(value.kind))
        listed.push(`...${this.values([value])}`)
      else listed.push(out.keep(this.operand(value)))
    }
    return listed.length === 0 ? '' : `[${listed.join(',')}]`
  }

  #function({ parameters, isVariadic, usesVarargs, body, line }: FunctionExpression): string {
    const out = this.#out
    const name = out.fresh()
    out.line(`S.budget.take(64);const ${name}=new Closure(F.env,function*(F,A,S){`)
    out.scope.open()
    out.line('S.enter(F);if(--S.steps<0)yield*S.refuel();')
    for (const [at, parameter] of parameters.entries())
      out.line(`let ${out.scope.declare(parameter)}=A[${at}];`)
    if (isVariadic) out.line(`const V=A.slice(${parameters.length});`)
    if (isVariadic && !usesVarargs) out.line(`let ${out.scope.declare('arg')}=S.argTable(V);`)
    this.#body(body)
    out.line(`return S.leave(NONE);},${line});`)
    out.scope.close()
    return name
  }
}
