import { Evaluator } from './evaluate.ts'
import { print } from './format.ts'
import type { Func } from './func.ts'
import {
  type Branch,
  describe,
  lastOperand,
  type Node,
  type Pipeline,
  type Template,
} from './nodes.ts'
import { Output } from './output.ts'
import { quoteGo } from './quote.ts'
import { placeOf, TemplateError } from './template-error.ts'
import { Dict, Int, isNil, isTrue, List, Missing, sortedKeys, type Value } from './value.ts'

/** Go's limit on templates that call each other; its stack can hold them, ours holds this many. */
const MAX_DEPTH = 1000

/** A longer count is an accident, and would hang the start. */
const MAX_TURNS = 1_000_000n

export type World = {
  readonly templates: ReadonlyMap<string, Template>
  readonly functions: ReadonlyMap<string, Func>
}

type Jump = 'break' | 'continue' | undefined

/** Runs a template with `data` as its dot. Throws `TemplateError` with Go's words. */
export function execute(world: World, name: string, data: Value): Output {
  const template = world.templates.get(name)
  if (template === undefined) {
    throw new Error(`template: no template ${quoteGo(name)} associated with template "config"`)
  }
  const output = new Output()
  new Execution({ world, template, output, depth: 0 }, data).run(data)
  return output
}

/** One template being run: its variables and what it writes to. */
class Execution {
  readonly #world: World
  readonly #template: Template
  readonly #output: Output
  readonly #depth: number
  readonly #evaluator: Evaluator

  constructor(
    parts: { world: World; template: Template; output: Output; depth: number },
    data: Value,
  ) {
    this.#world = parts.world
    this.#template = parts.template
    this.#output = parts.output
    this.#depth = parts.depth
    this.#evaluator = new Evaluator(parts.world.functions, data, (offset, context, message) =>
      this.#fail(offset, context, message),
    )
  }

  run(dot: Value): void {
    this.#walk(dot, this.#template.nodes)
  }

  #walk(dot: Value, nodes: readonly Node[]): Jump {
    for (const node of nodes) {
      const jump = this.#step(dot, node)
      if (jump !== undefined) return jump
    }
    return undefined
  }

  #step(dot: Value, node: Node): Jump {
    switch (node.kind) {
      case 'text':
        this.#output.write(node.text)
        return undefined
      case 'action':
        this.#act(dot, node.pipeline)
        return undefined
      case 'if':
      case 'with':
        return this.#choose(dot, node)
      case 'range':
        return this.#range(dot, node)
      case 'template':
        this.#call(dot, node)
        return undefined
      case 'break':
      case 'continue':
        return node.kind
    }
  }

  #act(dot: Value, pipeline: Pipeline): void {
    this.#evaluator.misses.length = 0
    const value = this.#evaluator.pipeline(dot, pipeline)
    if (pipeline.declares.length > 0) return
    if (value instanceof Missing) value.fail?.(`map has no entry for key ${quoteGo(value.key)}`)
    const text = isNil(value) ? '<no value>' : print(value)
    if (text === '') this.#noteGaps()
    this.#output.write(text)
  }

  /** Go writes nothing where a function made nothing of a missing key: should the document break there, this is why. */
  #noteGaps(): void {
    const { source } = this.#template
    for (const miss of this.#evaluator.misses) this.#output.noteGap({ source, ...miss })
  }

  #choose(dot: Value, node: Branch): Jump {
    const mark = this.#evaluator.mark()
    const value = this.#evaluator.pipeline(dot, node.pipeline)
    const nodes = isTrue(value) ? node.body : (node.otherwise ?? [])
    const jump = this.#walk(isTrue(value) && node.kind === 'with' ? value : dot, nodes)
    this.#evaluator.reset(mark)
    return jump
  }

  #range(dot: Value, node: Branch): Jump {
    const outer = this.#evaluator.mark()
    const value = this.#evaluator.pipeline(dot, node.pipeline)
    const inner = this.#evaluator.mark()
    let jump: Jump
    let count = 0
    for (const [key, item] of this.#items(value, node)) {
      count++
      this.#evaluator.setRangeVariables(node.pipeline, key, item)
      const result = this.#walk(item, node.body)
      this.#evaluator.reset(inner)
      if (result === 'break') break
    }
    if (count === 0) jump = this.#walk(dot, node.otherwise ?? [])
    this.#evaluator.reset(outer)
    return jump
  }

  *#items(value: Value, node: Branch): Generator<readonly [key: Value, item: Value]> {
    if (isNil(value)) return
    if (value instanceof List) {
      for (const [index, item] of value.items.entries()) yield [new Int(index), item]
    } else if (value instanceof Dict) {
      for (const key of sortedKeys(value)) yield [key, value.entries.get(key)]
    } else if (value instanceof Int) {
      if (node.pipeline.declares.length > 1) {
        this.#failAtLast(
          node.pipeline,
          `can't use ${print(value)} to iterate over more than one variable`,
        )
      }
      if (value.value > MAX_TURNS)
        this.#failAtLast(node.pipeline, `range over ${print(value)} is too long`)
      for (let i = 0n; i < value.value; i++) yield [undefined, new Int(i, value.type)]
    } else {
      this.#failAtLast(node.pipeline, `range can't iterate over ${print(value)}`)
    }
  }

  #call(dot: Value, node: Extract<Node, { kind: 'template' }>): void {
    const { name, pipeline, offset } = node
    const template = this.#world.templates.get(name)
    const context = `{{template ${quoteGo(name)}${pipeline === undefined ? '' : ` ${describe(pipeline)}`}}}`
    if (template === undefined) {
      return this.#fail(offset, context, `template ${quoteGo(name)} not defined`)
    }
    if (this.#depth >= MAX_DEPTH) {
      this.#fail(offset, context, `exceeded maximum template depth (${MAX_DEPTH})`)
    }
    const data = pipeline === undefined ? undefined : this.#evaluator.pipeline(dot, pipeline)
    const parts = { world: this.#world, template, output: this.#output, depth: this.#depth + 1 }
    new Execution(parts, data).run(data)
  }

  /** Go blames what it looked at last. */
  #failAtLast(pipeline: Pipeline, message: string): never {
    const last = lastOperand(pipeline)
    return this.#fail(last.offset, describe(last), message)
  }

  #fail(offset: number, context: string, message: string): never {
    const { source, name } = this.#template
    const { line, column } = placeOf(source, offset)
    throw new TemplateError(
      `template: ${source.name}:${line}:${column}: executing ${quoteGo(name)} at <${context}>: ${message}`,
      { file: source.path, line, column: column + 1 },
    )
  }
}
