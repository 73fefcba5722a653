import { ANY, classOf, letterOf, type Members, setOf } from './pattern-class.ts'

/** A pattern that cannot be used. */
export class PatternProblem extends Error {
  override readonly name = 'PatternProblem'
}

/** How often a letter may stand: once, or as `*`, `+`, `-` and `?` say. */
export type Repeat = '' | '*' | '+' | '-' | '?'

/** One thing that has to fit. */
export type Item =
  | { readonly kind: 'letter'; readonly members: Members; readonly repeat: Repeat }
  | { readonly kind: 'open' | 'close' | 'place'; readonly capture: number }
  /** What has been captured, once more; it is not known before its end. */
  | { readonly kind: 'again'; readonly capture: number; readonly isKnown: boolean }
  | { readonly kind: 'balance'; readonly open: number; readonly close: number }
  | { readonly kind: 'frontier'; readonly members: Members }
  | { readonly kind: 'end' }

/** A Lua pattern, taken apart. */
export type Pattern = {
  readonly items: readonly Item[]
  readonly captures: number
  readonly isAnchored: boolean
}

/** Takes a pattern apart. Throws a `PatternProblem` in gopher-lua's words. */
export function parsePattern(text: string): Pattern {
  const parser = new Parser(text)
  return { items: parser.items, captures: parser.captures, isAnchored: parser.isAnchored }
}

class Parser {
  readonly items: Item[] = []
  readonly isAnchored: boolean
  captures = 0
  readonly #text: string
  readonly #open: number[] = []
  #at: number

  constructor(text: string) {
    this.#text = text
    this.isAnchored = text.startsWith('^')
    this.#at = this.isAnchored ? 1 : 0
    while (this.#at < text.length) this.#item()
    if (this.#open.length > 0) throw new PatternProblem('unfinished capture at EOS')
  }

  #item(): void {
    const char = this.#text[this.#at]
    const next = this.#text[this.#at + 1]
    if (char === '(') return this.#capture(next === ')')
    if (char === ')') return this.#close()
    if (char === '$' && next === undefined) return this.#push({ kind: 'end' }, 1)
    if (char === '%' && next === 'b') return this.#balance()
    if (char === '%' && next === 'f' && this.#text[this.#at + 2] === '[') return this.#frontier()
    if (char === '%' && next === '0') this.#fail('invalid capture index', this.#at)
    if (char === '%' && next !== undefined && next >= '1' && next <= '9')
      return this.#again(Number(next) - 1)
    return this.#letter()
  }

  #again(capture: number): void {
    const isKnown = this.items.some(
      (item) => (item.kind === 'close' || item.kind === 'place') && item.capture === capture,
    )
    this.#push({ kind: 'again', capture, isKnown }, 2)
  }

  #push(item: Item, length: number): void {
    this.items.push(item)
    this.#at += length
  }

  #fail(message: string, at: number): never {
    throw new PatternProblem(`${message} at ${Math.max(0, at)}`)
  }

  #capture(isPlace: boolean): void {
    const capture = this.captures++
    if (isPlace) return this.#push({ kind: 'place', capture }, 2)
    this.#open.push(capture)
    return this.#push({ kind: 'open', capture }, 1)
  }

  #close(): void {
    const capture = this.#open.pop()
    if (capture === undefined) return this.#fail("invalid ')'", this.#at - 1)
    return this.#push({ kind: 'close', capture }, 1)
  }

  #balance(): void {
    const [open, close] = [this.#text.charCodeAt(this.#at + 2), this.#text.charCodeAt(this.#at + 3)]
    this.#push({ kind: 'balance', open, close }, 4)
  }

  #frontier(): void {
    this.#at += 2
    this.#push({ kind: 'frontier', members: this.#members() }, 0)
  }

  #letter(): void {
    const members = this.#members()
    const repeat = /[*+?-]/.test(this.#text[this.#at] ?? '') ? this.#text[this.#at] : ''
    this.#push({ kind: 'letter', members, repeat: repeat as Repeat }, repeat === '' ? 0 : 1)
  }

  /** The letters that may stand here. */
  #members(): Members {
    const start = this.#at
    const char = this.#text[start] as string
    if (char !== '%' && char !== '[') {
      this.#at++
      return char === '.' ? ANY : letterOf(char)
    }
    if (char === '%') {
      this.#at += 2
      // Nothing is what a percent sign at the end stands for.
      return classOf(this.#text[start + 1] ?? '')
    }
    let at = this.#text[start + 1] === '^' ? start + 2 : start + 1
    do {
      if (at >= this.#text.length) this.#fail('unexpected EOS', this.#text.length - 1)
      at += this.#text[at] === '%' ? 2 : 1
    } while (this.#text[at] !== ']')
    this.#at = at + 1
    return setOf(this.#text.slice(start + 1, at))
  }
}
