import type {
  Assignable,
  Block,
  Expression,
  GenericFor,
  NumericFor,
  Statement,
} from '../language/ast.ts'
import { SyntaxProblem } from '../language/syntax-error.ts'
import { ExpressionWriter } from './expression-writer.ts'
import type { Writer } from './writer.ts'

type Of<K extends Statement['kind']> = Extract<Statement, { kind: K }>
/** How a label is reached from inside of its block. */
type Jump = { readonly label: string; readonly text: string }

const STEP = 'if(--S.steps<0)yield*S.refuel();'

/** Writes statements. */
export class StatementWriter {
  readonly #out: Writer
  readonly #expressions: ExpressionWriter
  /** The loops around this place, from the outside in; a function begins anew. */
  #loops: string[] = []
  #jumps: readonly Jump[] = []
  /** Where a block with labels collects its variables. */
  #hoisted: string[] | undefined

  constructor(out: Writer) {
    this.#out = out
    this.#expressions = new ExpressionWriter(out, (body) => this.#functionBody(body))
  }

  #functionBody(body: Block): void {
    const [loops, jumps] = [this.#loops, this.#jumps]
    this.#loops = []
    this.#jumps = []
    this.block(body)
    this.#loops = loops
    this.#jumps = jumps
  }

  block(body: Block): void {
    this.#out.scope.open()
    this.#sequence(body)
    this.#out.scope.close()
  }

  #sequence(body: Block): void {
    const labels = labelsOf(body)
    const before = this.#hoisted
    this.#hoisted = undefined
    if (labels.length > 0) this.#labelled(body, labels)
    else for (const statement of body) this.#statement(statement)
    this.#hoisted = before
  }

  /**
   * A block with labels is a loop around a switch whose cases are the labels: a `goto` sets the case and begins
   * anew. Its variables are declared before the loop, so that they keep their values.
   */
  #labelled(body: Block, labels: readonly string[]): void {
    const out = this.#out
    const [state, loop] = [out.fresh(), out.fresh()]
    const declare = out.reserve()
    const jumps = labels.map((label, at) => ({
      label,
      text: `${state}=${at + 1};continue ${loop};`,
    }))
    const outer = this.#jumps
    const hoisted: string[] = []
    this.#jumps = [...outer, ...jumps]
    out.line(`let ${state}=0;${loop}:while(true){${STEP}switch(${state}){case 0:`)
    for (const statement of body) {
      this.#hoisted = hoisted
      if (statement.kind === 'label') out.line(`case ${labels.indexOf(statement.label) + 1}:`)
      else this.#statement(statement)
    }
    out.line(`}break ${loop};}`)
    this.#jumps = outer
    declare(hoisted.length === 0 ? '' : `let ${hoisted.join(',')};`)
  }

  /** Declares a variable of this block, here or before its labels. */
  #declare(name: string, value: string): void {
    const variable = this.#out.scope.declare(name)
    this.#hoisted?.push(variable)
    this.#out.line(`${this.#hoisted === undefined ? 'let ' : ''}${variable}=${value};`)
  }

  #statement(statement: Statement): void {
    switch (statement.kind) {
      case 'local':
        return this.#local(statement)
      case 'assign':
        return this.#assign(statement)
      case 'call':
        this.#expressions.call(statement.call)
        return
      case 'do':
        return this.#braced('{', statement.body)
      case 'while':
        return this.#while(statement)
      case 'repeat':
        return this.#repeat(statement)
      case 'if':
        return this.#if(statement)
      case 'numeric-for':
        return this.#numericFor(statement)
      case 'generic-for':
        return this.#genericFor(statement)
      case 'local-function':
        return this.#localFunction(statement)
      case 'return':
        return this.#return(statement)
      case 'break':
        return this.#break(statement)
      case 'goto':
        return this.#goto(statement)
      case 'label':
        return
    }
  }

  #braced(opening: string, body: Block): void {
    this.#out.line(opening)
    this.block(body)
    this.#out.line('}')
  }

  #local({ names, values }: Of<'local'>): void {
    const operands = this.#expressions.adjusted(values, names.length)
    for (const [at, name] of names.entries()) this.#declare(name, operands[at] as string)
  }

  #localFunction({ name, value }: Of<'local-function'>): void {
    this.#declare(name, 'undefined')
    const variable = this.#out.scope.find(name)
    this.#out.line(`${variable}=${this.#expressions.operand(value)};`)
  }

  #assign({ targets, values }: Of<'assign'>): void {
    const [only, ...others] = targets
    if (only !== undefined && others.length === 0 && values.length === 1) {
      const store = this.#target(only)
      store(this.#expressions.operand(values[0] as Expression))
      return
    }
    const stores = targets.map((target) => this.#target(target))
    const operands = this.#expressions
      .adjusted(values, targets.length)
      .map((operand) => this.#out.keep(operand))
    for (const [at, store] of [...stores.entries()].reverse()) store(operands[at] as string)
  }

  /** Computes what the target needs now, and stores later. */
  #target(target: Assignable): (value: string) => void {
    const out = this.#out
    if (target.kind === 'index') {
      const pair = this.#expressions.operands([target.object, target.key], false)
      return (value) => this.#put(pair[0] as string, pair[1] as string, value, target.line)
    }
    const variable = out.scope.find(target.name)
    if (variable !== undefined) return (value) => out.line(`${variable}=${value};`)
    return (value) => this.#put('F.env', JSON.stringify(target.name), value, target.line)
  }

  #put(object: string, key: string, value: string, line: number): void {
    this.#out.line(
      `${this.#out.at(line)};if(S.put(${object},${key},${value}))yield*S.putPending(${value});`,
    )
  }

  #if({ condition, body, otherwise }: Of<'if'>): void {
    this.#braced(`if(${this.#expressions.condition(condition)}){`, body)
    if (otherwise.length > 0) this.#braced('else{', otherwise)
  }

  #loop(opening: string, write: (name: string) => void): void {
    const name = this.#out.fresh()
    this.#out.line(`${name}:${opening}{${STEP}`)
    this.#loops.push(name)
    write(name)
    this.#loops.pop()
    this.#out.line('}')
  }

  #while({ condition, body }: Of<'while'>): void {
    this.#loop('while(true)', (name) => {
      this.#out.line(`if(!(${this.#expressions.condition(condition)}))break ${name};`)
      this.block(body)
    })
  }

  #repeat({ condition, body }: Of<'repeat'>): void {
    this.#loop('while(true)', (name) => {
      this.#out.scope.open()
      this.#sequence(body)
      const ends = ENDINGS.has(body.at(-1)?.kind ?? '')
      if (!ends) this.#out.line(`if(${this.#expressions.condition(condition)})break ${name};`)
      this.#out.scope.close()
    })
  }

  #numericFor({ name, start, limit, step, body, line }: NumericFor): void {
    const out = this.#out
    const list = step === undefined ? [start, limit] : [start, limit, step]
    const kept = this.#expressions.operands(list).map((operand) => out.keep(operand))
    const [from, to, by = '1'] = kept as [string, string, string?]
    out.line(`${out.at(line)};S.checkLoop(${from},${to},${by});`)
    const counter = out.fresh()
    const goesOn = `${by}>0?${counter}<=${to}:${counter}>=${to}`
    this.#loop(`for(let ${counter}=${from};${goesOn};${counter}+=${by})`, () => {
      out.scope.open()
      out.line(`let ${out.scope.declare(name)}=${counter};`)
      this.block(body)
      out.scope.close()
    })
  }

  #genericFor({ names, values, body, line }: GenericFor): void {
    const out = this.#out
    const kept = this.#expressions.adjusted(values, 3).map((operand) => out.keep(operand))
    const [next, state, first] = kept as [string, string, string]
    const control = out.fresh()
    out.line(`let ${control}=${first};`)
    this.#loop('while(true)', (name) => {
      const args = `[${state},${control}]`
      out.line(`${out.at(line)};`)
      const found = out.keep(
        `${next} instanceof Native?${next}.call(S,${args}):yield*S.call(${next},${args})`,
      )
      out.line(`${control}=${found}[0];if(${control}===undefined)break ${name};`)
      out.scope.open()
      for (const [at, each] of names.entries())
        out.line(`let ${out.scope.declare(each)}=${found}[${at}];`)
      this.block(body)
      out.scope.close()
    })
  }

  #return({ values }: Of<'return'>): void {
    const [only, ...others] = values
    if (others.length === 0 && (only?.kind === 'call' || only?.kind === 'method')) {
      const [callee, args] = this.#expressions.callee(only)
      this.#out.line(`return S.tail(${callee},${args});`)
    } else this.#out.line(`return S.leave(${this.#expressions.values(values)});`)
  }

  #break({ line }: Of<'break'>): void {
    const loop = this.#loops.at(-1)
    if (loop === undefined) throw new SyntaxProblem('no loop to break', line)
    this.#out.line(`break ${loop};`)
  }

  #goto({ label, line }: Of<'goto'>): void {
    const jump = this.#jumps.findLast((each) => each.label === label)
    if (jump === undefined)
      throw new SyntaxProblem(`no visible label '${label}' for <goto> at line ${line}`, line)
    this.#out.line(jump.text)
  }
}

/** After these nothing of a block runs. */
const ENDINGS = new Set(['return', 'break'])

/** The labels of a block, each of which may stand once. */
function labelsOf(body: Block): string[] {
  const lines = new Map<string, number>()
  for (const each of body) {
    if (each.kind !== 'label') continue
    const first = lines.get(each.label)
    if (first !== undefined)
      throw new SyntaxProblem(`label '${each.label}' already defined on line ${first}`, each.line)
    lines.set(each.label, each.line)
  }
  return [...lines.keys()]
}
