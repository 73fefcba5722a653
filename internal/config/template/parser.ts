import type { Token } from './lexer.ts'
import { unquote } from './literal.ts'
import type { Branch, Node, Source, Template } from './nodes.ts'
import { PipelineParser } from './pipeline-parser.ts'
import { quoteGo } from './quote.ts'
import { TokenReader } from './token-reader.ts'

/** What ends a list of nodes. */
type Ending = { readonly kind: 'end' | 'else'; readonly offset: number }

/**
 * Parses one file and adds the templates it defines (itself, under its base name, and every `define` and
 * `block`) to `templates`. Throws `TemplateError` with Go's words.
 */
export function parseTemplate(
  source: Source,
  isFunction: (name: string) => boolean,
  templates: Map<string, Template>,
): void {
  new Parser(source, isFunction, templates).parseFile()
}

class Parser {
  readonly #source: Source
  readonly #reader: TokenReader
  readonly #pipelines: PipelineParser
  readonly #templates: Map<string, Template>
  #rangeDepth = 0

  constructor(
    source: Source,
    isFunction: (name: string) => boolean,
    templates: Map<string, Template>,
  ) {
    this.#source = source
    this.#reader = new TokenReader(source)
    this.#pipelines = new PipelineParser(this.#reader, isFunction)
    this.#templates = templates
  }

  parseFile(): void {
    const nodes: Node[] = []
    while (this.#reader.peek().kind !== 'eof') {
      if (this.#isDefine()) {
        this.#parseDefinition()
        continue
      }
      const node = this.#textOrAction()
      if (isEnding(node)) this.#reader.fail(`unexpected {{${node.kind}}}`)
      else nodes.push(node)
    }
    this.#add(this.#source.name, nodes)
  }

  #isDefine(): boolean {
    if (this.#reader.peek().kind !== 'left') return false
    const start = this.#reader.mark()
    this.#reader.take()
    const token = this.#reader.nextNonSpace()
    if (token.kind === 'keyword' && token.text === 'define') return true
    this.#reader.backTo(start)
    return false
  }

  #add(name: string, nodes: readonly Node[]): void {
    const old = this.#templates.get(name)
    if (old === undefined || isEmpty(old.nodes)) {
      this.#templates.set(name, { name, source: this.#source, nodes })
    } else if (!isEmpty(nodes)) {
      this.#reader.fail(`template: multiple definition of template ${quoteGo(name)}`)
    }
  }

  #parseDefinition(): void {
    const context = 'define clause'
    const name = this.#templateName(this.#reader.nextNonSpace(), context)
    this.#reader.expectRight(context)
    this.#add(name, this.#separateBody(context))
  }

  /** The body of `define` and `block`, which sees no variables from outside. */
  #separateBody(context: string): Node[] {
    const outerDepth = this.#rangeDepth
    this.#rangeDepth = 0
    const { nodes, ending } = this.#pipelines.inTemplate(() => this.#list())
    if (ending.kind !== 'end') this.#reader.fail(`unexpected {{else}} in ${context}`)
    this.#rangeDepth = outerDepth
    return nodes
  }

  #list(): { nodes: Node[]; ending: Ending } {
    const nodes: Node[] = []
    while (this.#reader.peekNonSpace().kind !== 'eof') {
      const node = this.#textOrAction()
      if (isEnding(node)) return { nodes, ending: node }
      nodes.push(node)
    }
    return this.#reader.fail('unexpected EOF')
  }

  #textOrAction(): Node | Ending {
    const token = this.#reader.nextNonSpace()
    if (token.kind === 'text') return { kind: 'text', offset: token.offset, text: token.text }
    if (token.kind !== 'left') return this.#reader.unexpected(token, 'input')
    this.#reader.actionLine = token.line
    const node = this.#action()
    this.#reader.actionLine = 0
    return node
  }

  #action(): Node | Ending {
    const start = this.#reader.peekNonSpace()
    if (start.kind !== 'keyword') {
      return {
        kind: 'action',
        offset: start.offset,
        pipeline: this.#pipelines.pipeline('command', 'right'),
      }
    }
    this.#reader.nextNonSpace()
    switch (start.text) {
      case 'block':
        return this.#block()
      case 'break':
      case 'continue':
        return this.#jump(start.text, start.offset)
      case 'else':
        return this.#else()
      case 'end':
        return { kind: 'end', offset: this.#reader.expectRight('end').offset }
      case 'if':
      case 'with':
      case 'range':
        return this.#branch(start.text)
      case 'template':
        return this.#template()
      default:
        return this.#reader.unexpected(start, 'command')
    }
  }

  #jump(kind: 'break' | 'continue', offset: number): Node {
    this.#reader.expectRight(`{{${kind}}}`)
    if (this.#rangeDepth === 0) this.#reader.fail(`{{${kind}}} outside {{range}}`)
    return { kind, offset }
  }

  #else(): Ending {
    const next = this.#reader.peekNonSpace()
    const isChained = next.kind === 'keyword' && (next.text === 'if' || next.text === 'with')
    return {
      kind: 'else',
      offset: isChained ? next.offset : this.#reader.expectRight('else').offset,
    }
  }

  #branch(kind: Branch['kind']): Branch {
    return this.#pipelines.inBlock(() => {
      const pipeline = this.#pipelines.pipeline(kind, 'right')
      if (kind === 'range') this.#rangeDepth++
      const { nodes: body, ending } = this.#list()
      if (kind === 'range') this.#rangeDepth--
      const otherwise = ending.kind === 'else' ? this.#otherwise(kind) : undefined
      return { kind, offset: pipeline.offset, pipeline, body, otherwise }
    })
  }

  #otherwise(kind: Branch['kind']): Node[] {
    const next = this.#reader.peek()
    if (kind !== 'range' && next.kind === 'keyword' && next.text === kind) {
      this.#reader.take()
      return [this.#branch(kind)]
    }
    const { nodes, ending } = this.#list()
    if (ending.kind !== 'end') this.#reader.fail(`expected end; found {{${ending.kind}}}`)
    return nodes
  }

  #block(): Node {
    const token = this.#reader.nextNonSpace()
    const name = this.#templateName(token, 'block clause')
    const pipeline = this.#pipelines.pipeline('block clause', 'right')
    this.#add(name, this.#separateBody('block clause'))
    return { kind: 'template', offset: token.offset, name, pipeline }
  }

  #template(): Node {
    const token = this.#reader.nextNonSpace()
    const name = this.#templateName(token, 'template clause')
    if (this.#reader.peekNonSpace().kind === 'right') {
      this.#reader.nextNonSpace()
      return { kind: 'template', offset: token.offset, name, pipeline: undefined }
    }
    const pipeline = this.#pipelines.pipeline('template clause', 'right')
    return { kind: 'template', offset: token.offset, name, pipeline }
  }

  #templateName(token: Token, context: string): string {
    if (token.kind !== 'string' && token.kind !== 'rawString')
      return this.#reader.unexpected(token, context)
    return unquote(token.text) ?? this.#reader.fail('invalid syntax')
  }
}

function isEnding(node: Node | Ending): node is Ending {
  return node.kind === 'end' || node.kind === 'else'
}

function isEmpty(nodes: readonly Node[]): boolean {
  return nodes.every((node) => node.kind === 'text' && node.text.trim() === '')
}
