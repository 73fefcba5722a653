import type { Comparison, Node } from './ast.ts'
import { FUNCTIONS } from './functions.ts'
import { JmespathError, type Token, tokensOf } from './lexer.ts'

/** How strongly words bind what stands left of them (the grammar of jmespath.org as a Pratt parser). */
const POWER: Readonly<Record<string, number>> = {
  '|': 1,
  '||': 2,
  '&&': 3,
  '==': 5,
  '!=': 5,
  '<': 5,
  '<=': 5,
  '>': 5,
  '>=': 5,
  '[]': 9,
  '*': 20,
  '[?': 21,
  '.': 40,
  '!': 45,
  '{': 50,
  '[': 55,
  '(': 60,
}
/** What binds less ends a projection. */
const PROJECTION_STOP = 10
const COMPARISONS = new Set(['==', '!=', '<', '<=', '>', '>='])
/** Deeper than any sensible expression, shallower than the stack. */
const MAX_DEPTH = 200
const CURRENT: Node = { op: 'current' }

/** Reads an expression. Throws a `JmespathError`. */
export function parseJmespath(source: string): Node {
  return new Parser(tokensOf(source)).whole()
}

class Parser {
  readonly #tokens: readonly Token[]
  #at = 0
  #depth = 0

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens
  }

  whole(): Node {
    const node = this.#expression(0)
    this.#take('end')
    return node
  }

  #peek(ahead = 0): Token {
    return this.#tokens[this.#at + ahead] ?? (this.#tokens.at(-1) as Token)
  }

  #next(): Token {
    const token = this.#peek()
    this.#at++
    return token
  }

  #is(kind: string): boolean {
    return this.#peek().kind === kind
  }

  #take(kind: string): Token {
    if (!this.#is(kind)) throw unexpected(this.#peek())
    return this.#next()
  }

  #expression(power: number): Node {
    if (++this.#depth > MAX_DEPTH) throw new JmespathError(`nested deeper than ${MAX_DEPTH} levels`)
    let left = this.#start(this.#next())
    while (power < (POWER[this.#peek().kind] ?? 0)) left = this.#continue(left, this.#next())
    this.#depth--
    return left
  }

  /** An expression that starts with `token`. */
  #start(token: Token): Node {
    switch (token.kind) {
      case 'literal':
        return { op: 'literal', value: token.value }
      case 'name':
        return this.#is('(') ? this.#call(token) : { op: 'field', name: token.value as string }
      case 'quoted':
        if (this.#is('(')) throw unexpected(this.#peek())
        return { op: 'field', name: token.value as string }
      case '@':
        return CURRENT
      case '!':
        return { op: 'not', of: this.#expression(POWER['!'] ?? 0) }
      case '&':
        return { op: 'reference', of: this.#expression(0) }
      case '(': {
        const node = this.#expression(0)
        this.#take(')')
        return node
      }
      case '*':
        return { op: 'values', left: CURRENT, right: this.#is(']') ? CURRENT : this.#projected(20) }
      case '{':
        return this.#hash()
      case '[':
        return this.#bracket(CURRENT, true)
      case '[]':
      case '[?':
        return this.#continue(CURRENT, token)
      default:
        throw unexpected(token)
    }
  }

  /** What `token` makes of what stands left of it. */
  #continue(left: Node, token: Token): Node {
    const { kind } = token
    if (COMPARISONS.has(kind)) return this.#comparison(left, kind as Comparison)
    switch (kind) {
      case '.':
        if (!this.#is('*')) return { op: 'chain', left, right: this.#member(40) }
        this.#next()
        return { op: 'values', left, right: this.#projected(40) }
      case '|':
        return { op: 'chain', left, right: this.#expression(1) }
      case '||':
        return { op: 'or', left, right: this.#expression(2) }
      case '&&':
        return { op: 'and', left, right: this.#expression(3) }
      case '[]':
        return { op: 'project', left: { op: 'flatten', of: left }, right: this.#projected(9) }
      case '[?': {
        const condition = this.#expression(0)
        this.#take(']')
        const right = this.#is('[]') ? CURRENT : this.#projected(21)
        return { op: 'filter', left, condition, right }
      }
      case '[':
        return this.#bracket(left, false)
      default:
        throw unexpected(token)
    }
  }

  #comparison(left: Node, how: Comparison): Node {
    return { op: 'compare', how, left, right: this.#expression(POWER[how] ?? 0) }
  }

  /** Behind `[`: an index, a slice, `*`, or, where a list may stand, a list. */
  #bracket(left: Node, mayBeList: boolean): Node {
    if (this.#is('number') || this.#is(':')) return this.#indexed(left)
    if (this.#is('*') && this.#peek(1).kind === ']') {
      this.#at += 2
      return { op: 'project', left, right: this.#projected(20) }
    }
    if (mayBeList) return this.#list()
    throw unexpected(this.#peek())
  }

  #indexed(left: Node): Node {
    if (this.#is('number') && this.#peek(1).kind === ']') {
      const index = this.#next().value as number
      this.#take(']')
      return { op: 'chain', left, right: { op: 'index', index } }
    }
    const parts: (number | undefined)[] = [undefined, undefined, undefined]
    for (let part = 0; !this.#is(']'); ) {
      if (this.#is(':') && part < 2) {
        part++
        this.#next()
      } else if (this.#is('number') && parts[part] === undefined)
        parts[part] = this.#next().value as number
      else throw unexpected(this.#peek())
    }
    this.#take(']')
    const [start, stop, step = 1] = parts
    if (step === 0) throw new JmespathError('a slice cannot have the step 0')
    const sliced: Node = { op: 'chain', left, right: { op: 'slice', start, stop, step } }
    return { op: 'project', left: sliced, right: this.#projected(20) }
  }

  /** What is done with each value of a projection. */
  #projected(power: number): Node {
    const { kind } = this.#peek()
    if ((POWER[kind] ?? 0) < PROJECTION_STOP) return CURRENT
    if (kind === '[' || kind === '[?') return this.#expressionOnCurrent(power)
    this.#take('.')
    return this.#member(power)
  }

  /** `[...]` and `[?...]` of a projected value. */
  #expressionOnCurrent(power: number): Node {
    let left = this.#continue(CURRENT, this.#next())
    while (power < (POWER[this.#peek().kind] ?? 0)) left = this.#continue(left, this.#next())
    return left
  }

  /** What may stand behind a `.`. */
  #member(power: number): Node {
    const { kind } = this.#peek()
    if (kind === 'name' || kind === 'quoted' || kind === '*') return this.#expression(power)
    if (kind !== '[' && kind !== '{') throw unexpected(this.#peek())
    this.#next()
    return kind === '[' ? this.#list() : this.#hash()
  }

  #list(): Node {
    const items = this.#separated(']', () => this.#expression(0))
    if (items.length === 0) throw new JmespathError('an empty list')
    return { op: 'list', items }
  }

  #hash(): Node {
    const members = this.#separated('}', () => {
      const key = this.#next()
      if (key.kind !== 'name' && key.kind !== 'quoted') throw unexpected(key)
      this.#take(':')
      return [key.value as string, this.#expression(0)] as const
    })
    if (members.length === 0) throw new JmespathError('an empty object')
    return { op: 'hash', members }
  }

  #call(name: Token): Node {
    this.#take('(')
    const args = this.#separated(')', () => this.#expression(0))
    const known = FUNCTIONS.get(name.value as string)
    if (known === undefined)
      throw new JmespathError(`no function is called ${JSON.stringify(name.value)}`)
    const { least, most } = known
    if (args.length < least || args.length > most)
      throw new JmespathError(`${name.value}() takes ${countOf(least, most)}, not ${args.length}`)
    return { op: 'call', name: name.value as string, args }
  }

  #separated<T>(end: string, read: () => T): T[] {
    const found: T[] = []
    if (this.#is(end)) {
      this.#next()
      return found
    }
    for (;;) {
      found.push(read())
      if (!this.#is(',')) break
      this.#next()
    }
    this.#take(end)
    return found
  }
}

const countOf = (least: number, most: number): string =>
  most === Number.POSITIVE_INFINITY
    ? `${least} or more arguments`
    : `${least} argument${least === 1 ? '' : 's'}`

const unexpected = ({ kind, at }: Token): JmespathError =>
  new JmespathError(
    kind === 'end' ? 'the expression ends too early' : `unexpected ${kind} at ${at}`,
  )
