import { fit, LITERALS, numberArgument } from './argument.ts'
import { print } from './format.ts'
import { type Func, PARAM_TYPES, type Param } from './func.ts'
import { formatLayout } from './go-time.ts'
import { methodOf } from './method.ts'
import {
  type Command,
  describe,
  describeCommand,
  lastOperand,
  type NumberOperand,
  type Operand,
  type Pipeline,
} from './nodes.ts'
import { quoteGo } from './quote.ts'
import {
  Dict,
  Int,
  isInvalid,
  isNil,
  isTrue,
  Missing,
  Struct,
  Time,
  typeOf,
  type Value,
} from './value.ts'

export type Fail = (offset: number, context: string, message: string) => never

/** A value piped into a command, if there is one; no value at all can be piped too. */
type Final = { readonly value: Value } | undefined

/** A longer text is an accident, and would end the process instead of the start. */
const MAX_LENGTH = 64 * 1024 * 1024

const INT64_LIMIT = 2n ** 63n

/** Evaluates pipelines. Owns the variables of one template. */
export class Evaluator {
  /** Keys that were looked up and not there; whoever wants to know of one action empties it before. */
  readonly misses: {
    readonly at: number
    readonly expression: string
    readonly key: string
  }[] = []
  readonly #functions: ReadonlyMap<string, Func>
  readonly #fail: Fail
  readonly #variables: { readonly name: string; value: Value }[]

  constructor(functions: ReadonlyMap<string, Func>, data: Value, fail: Fail) {
    this.#functions = functions
    this.#fail = fail
    this.#variables = [{ name: '$', value: data }]
  }

  /** Where the variables of a block begin; `reset` forgets them. */
  mark(): number {
    return this.#variables.length
  }

  reset(mark: number): void {
    this.#variables.length = mark
  }

  /** Gives the variables of a `range` their values for one turn. */
  setRangeVariables(pipeline: Pipeline, key: Value, item: Value): void {
    const [first, second] = pipeline.declares
    const values = second === undefined ? [item] : [key, item]
    for (const [index, name] of [first, second].entries()) {
      if (name !== undefined) this.#assignOrFail(name, values[index], lastOperand(pipeline))
    }
  }

  pipeline(dot: Value, pipeline: Pipeline): Value {
    let final: Final
    for (const command of pipeline.commands) {
      const value = this.#command(dot, command, final)
      final = { value: value === null ? undefined : value }
    }
    const value = final?.value
    for (const name of pipeline.declares) {
      if (pipeline.isAssignment) this.#assignOrFail(name, value, lastOperand(pipeline))
      else this.#variables.push({ name, value })
    }
    return value
  }

  #assignOrFail(name: string, value: Value, node: Operand): void {
    const variable = this.#variables.findLast((candidate) => candidate.name === name)
    if (variable === undefined) {
      return this.#fail(node.offset, describe(node), `undefined variable: ${name}`)
    }
    variable.value = value
  }

  #command(dot: Value, command: Command, final: Final): Value {
    const [first, ...args] = command.operands
    if (first === undefined) return undefined
    switch (first.kind) {
      case 'field':
      case 'chain':
      case 'variable':
        return this.#fields(dot, first, args, final)
      case 'identifier':
        return this.#call(dot, first, { context: describeCommand(command), args, final })
      case 'nil':
        this.#refuseArguments(first, args, final)
        return this.#fail(first.offset, 'nil', 'nil is not a command')
      default:
        this.#refuseArguments(first, args, final)
        return this.#operand(dot, first)
    }
  }

  #refuseArguments(node: Operand, args: readonly Operand[], final: Final): void {
    if (args.length === 0 && final === undefined) return
    this.#fail(node.offset, describe(node), `can't give argument to non-function ${describe(node)}`)
  }

  #operand(dot: Value, node: Operand): Value {
    switch (node.kind) {
      case 'field':
      case 'chain':
      case 'variable':
        return this.#fields(dot, node, [], undefined)
      case 'identifier':
        return this.#call(dot, node, { context: node.name, args: [], final: undefined })
      case 'dot':
        return dot
      case 'nil':
        return null
      case 'bool':
      case 'string':
        return node.value
      case 'number':
        return this.#number(node)
      case 'pipeline':
        return this.pipeline(dot, node)
    }
  }

  #number(node: NumberOperand): Value {
    if (node.isIdealFloat || node.int === undefined) return node.float
    if (node.int >= INT64_LIMIT || node.int < -INT64_LIMIT) {
      return this.#fail(node.offset, node.text, `${node.text} overflows int`)
    }
    return new Int(node.int)
  }

  #fields(
    dot: Value,
    node: Extract<Operand, { kind: 'field' | 'chain' | 'variable' }>,
    args: readonly Operand[],
    final: Final,
  ): Value {
    const { base, names } = this.#start(dot, node)
    if (names.length === 0) this.#refuseArguments(node, args, final)
    let value = base
    for (const [index, name] of names.entries()) {
      const isLast = index === names.length - 1
      const hasArguments = isLast && (args.length > 0 || final !== undefined)
      if (isLast && value instanceof Time && name === 'Format') {
        return this.#formatTime(dot, value, { node, args, final })
      }
      const type = index === 0 && node.kind !== 'field' ? typeOf(value) : goInterfaceType(value)
      value = this.#field(value, { name, type, node, hasArguments })
    }
    return value
  }

  /** `now.Format "2006"`: the one method with an argument that configurations use. */
  #formatTime(
    dot: Value,
    time: Time,
    { node, args, final }: { node: Operand; args: readonly Operand[]; final: Final },
  ): Value {
    const layouts = args.map((arg) => this.#argument(dot, arg, 'string'))
    if (final !== undefined) layouts.push(this.#convert(final.value, 'string', node))
    if (layouts.length !== 1) {
      const message = `wrong number of args for Format: want 1 got ${layouts.length}`
      return this.#fail(node.offset, describe(node), message)
    }
    return formatLayout(time, String(layouts[0]))
  }

  #start(
    dot: Value,
    node: Extract<Operand, { kind: 'field' | 'chain' | 'variable' }>,
  ): { base: Value; names: readonly string[] } {
    if (node.kind === 'field') return { base: dot, names: node.names }
    if (node.kind === 'variable') {
      const [name, ...names] = node.names
      const variable = this.#variables.findLast((candidate) => candidate.name === name)
      return { base: variable?.value, names }
    }
    if (node.base.kind === 'nil') {
      const text = describe(node)
      return this.#fail(node.offset, text, `indirection through explicit nil in ${text}`)
    }
    return { base: this.#operand(dot, node.base), names: node.names }
  }

  #field(
    receiver: Value,
    {
      name,
      type,
      node,
      hasArguments,
    }: { name: string; type: string; node: Operand; hasArguments: boolean },
  ): Value {
    if (isInvalid(receiver)) return receiver
    const refuse = (message: string): never => this.#fail(node.offset, describe(node), message)
    if (receiver === null) return refuse(`nil pointer evaluating interface {}.${name}`)
    if (receiver instanceof Time || receiver instanceof Struct) {
      const method = methodOf(receiver, name)
      if (method !== undefined) return method()
    }
    if (receiver instanceof Struct && receiver.fields.has(name)) {
      if (hasArguments) refuse(`${name} has arguments but cannot be invoked as function`)
      return receiver.fields.get(name)
    }
    if (!(receiver instanceof Dict)) {
      return refuse(`can't evaluate field ${name} in type ${type}`)
    }
    if (hasArguments) refuse(`${name} is not a method but has arguments`)
    if (receiver.entries.has(name)) return receiver.entries.get(name)
    this.misses.push({ at: node.offset, expression: describe(node), key: name })
    return new Missing(name, refuse)
  }

  #call(
    dot: Value,
    node: Extract<Operand, { kind: 'identifier' }>,
    { context, args, final }: { context: string; args: readonly Operand[]; final: Final },
  ): Value {
    const { name, offset } = node
    const fn = this.#functions.get(name)
    if (fn === undefined)
      return this.#fail(offset, name, `${quoteGo(name)} is not a defined function`)
    const count = args.length + (final === undefined ? 0 : 1)
    const least = fn.params.length
    if (fn.rest !== undefined && count < least) {
      this.#fail(
        offset,
        name,
        `wrong number of args for ${name}: want at least ${least} got ${args.length}`,
      )
    }
    if (fn.rest === undefined && count !== least) {
      this.#fail(offset, name, `wrong number of args for ${name}: want ${least} got ${count}`)
    }
    if (name === 'and' || name === 'or') return this.#shortCircuit(dot, name, args, final)
    const values = args.map((arg, index) =>
      this.#argument(dot, arg, fn.params[index] ?? fn.rest ?? 'any'),
    )
    if (final !== undefined) {
      const param = fn.params[args.length] ?? fn.rest ?? 'any'
      values.push(this.#convert(final.value, param, node))
    }
    if (name === 'call') this.#refuseCall(context, node, args[0], values[0])
    try {
      const result = fn.call(values)
      if (typeof result === 'string' && result.length > MAX_LENGTH)
        throw new Error('the text is too long')
      if (!(result instanceof Missing) || result.fail !== undefined) return result
      this.misses.push({ at: offset, expression: context, key: result.key })
      return new Missing(result.key, (message) => this.#fail(offset, context, message))
    } catch (error) {
      if (error instanceof Error && error.name === 'TemplateError') throw error
      const reason = error instanceof Error ? error.message : String(error)
      return this.#fail(offset, context, `error calling ${name}: ${reason}`)
    }
  }

  /** No value of a template is a function. */
  #refuseCall(context: string, node: Operand, callee: Operand | undefined, value: unknown): never {
    const text = callee === undefined ? print(value as Value) : describe(callee)
    const reason = isNil(value as Value)
      ? 'call of nil'
      : `non-function ${text} of type ${typeOf(value as Value)}`
    return this.#fail(node.offset, context, `error calling call: ${reason}`)
  }

  /** `and` and `or` stop at the first argument that decides, and hand it back as it is. */
  #shortCircuit(dot: Value, name: 'and' | 'or', args: readonly Operand[], final: Final): Value {
    let value: Value
    for (const arg of args) {
      value = this.#operand(dot, arg)
      if (isTrue(value) === (name === 'or')) return value
    }
    return final === undefined ? value : final.value
  }

  #argument(dot: Value, node: Operand, param: Param): unknown {
    const refuse = (expected: string): never => {
      const text = describe(node)
      const hasLiterals =
        expected !== PARAM_TYPES[param] || expected === 'string' || expected === 'bool'
      const message = hasLiterals
        ? `expected ${expected}; found ${text}`
        : `can't handle ${text} for arg of type ${expected}`
      return this.#fail(node.offset, text, message)
    }
    switch (node.kind) {
      case 'nil':
        if (param === 'any' || param === 'dict' || param === 'list')
          return this.#convert(null, param, node)
        return this.#fail(node.offset, 'nil', `cannot assign nil to ${PARAM_TYPES[param]}`)
      case 'bool':
        return param === 'any' || param === 'bool' ? node.value : refuse(LITERALS[param])
      case 'string':
        return param === 'any' || param === 'string' ? node.value : refuse(LITERALS[param])
      case 'number':
        return this.#literalNumber(node, param) ?? refuse(LITERALS[param])
      default:
        return this.#convert(this.#operand(dot, node), param, node)
    }
  }

  #literalNumber(node: NumberOperand, param: Param): unknown {
    return param === 'any' ? this.#number(node) : numberArgument(node, param)
  }

  /** Hands a value to a parameter, or blames what Go looked at last. */
  #convert(value: Value, param: Param, node: Operand): unknown {
    const fitting = fit(value, param)
    if ('native' in fitting) return fitting.native
    const blamed = node.kind === 'pipeline' ? lastOperand(node) : node
    return this.#fail(blamed.offset, describe(blamed), fitting.refusal)
  }
}

/** Values of settings are held in interfaces, and Go's errors name that type. */
function goInterfaceType(value: Value): string {
  return value instanceof Struct || value instanceof Time ? typeOf(value) : 'interface {}'
}
