import { isOf } from './pattern-class.ts'

/** A pattern that cannot be used. */
export class PatternProblem extends Error {
  override readonly name = 'PatternProblem'
}

/** Where a match begins and ends, and its captures: ends before begins mark a position. */
export type Match = {
  readonly start: number
  readonly end: number
  readonly captures: readonly Capture[]
}
export type Capture = { readonly start: number; readonly length: number }

const POSITION = -2
const OPEN = -1
const MOST_CAPTURES = 32
/** As Lua's `MAXCCALLS`. */
const DEEPEST = 200

/** One search with a Lua pattern. It takes back what does not fit, so its steps are counted. */
export class Matcher {
  readonly #text: string
  readonly #pattern: string
  readonly #spend: (steps: number) => void
  #captures: { start: number; length: number }[] = []
  #depth = 0
  #steps = 0

  constructor(text: string, pattern: string, spend: (steps: number) => void) {
    this.#text = text
    this.#pattern = pattern
    this.#spend = spend
  }

  /** The first match that begins at `from` or later. */
  find(from: number): Match | undefined {
    const isAnchored = this.#pattern.startsWith('^')
    this.#steps = 0
    for (let start = from; start <= this.#text.length; start++) {
      this.#captures = []
      this.#depth = 0
      const end = this.#match(start, isAnchored ? 1 : 0)
      if (end >= 0) return { start, end, captures: this.#finished() }
      if (isAnchored) break
    }
    return undefined
  }

  #finished(): Capture[] {
    if (this.#captures.some(({ length }) => length === OPEN))
      throw new PatternProblem('unfinished capture')
    return this.#captures.map((capture) => ({ ...capture }))
  }

  #count(): void {
    if (++this.#steps % STEPS_COUNTED !== 0) return
    this.#spend(STEPS_COUNTED)
    if (this.#steps > MOST_STEPS + STEPS_A_BYTE * this.#text.length)
      throw new PatternProblem('pattern too complex')
  }

  /** Where the match of the pattern's rest ends; -1: nowhere. */
  #match(from: number, rest: number): number {
    if (++this.#depth > DEEPEST) throw new PatternProblem('pattern too complex')
    try {
      return this.#walk(from, rest)
    } finally {
      this.#depth--
    }
  }

  #walk(from: number, rest: number): number {
    const pattern = this.#pattern
    let [s, p] = [from, rest]
    for (;;) {
      this.#count()
      if (p === pattern.length) return s
      const char = pattern[p]
      if (char === '(') return this.#open(s, p)
      if (char === ')') return this.#close(s, p + 1)
      if (char === '$' && p + 1 === pattern.length) return s === this.#text.length ? s : -1
      if (char === '%' && /[b0-9f]/.test(pattern[p + 1] ?? '')) {
        const next = this.#special(s, p)
        if (next < 0) return -1
        p += pattern[p + 1] === 'b' ? 4 : pattern[p + 1] === 'f' ? this.#classEnd(p + 2) - p : 2
        s = next
        continue
      }
      const end = this.#classEnd(p)
      const suffix = pattern[end]
      if (suffix === '*') return this.#longest(s, p, end, 0)
      if (suffix === '+') return this.#longest(s, p, end, 1)
      if (suffix === '-') return this.#shortest(s, p, end)
      const fits = this.#fits(s, p, end)
      if (suffix === '?') {
        const taken = fits ? this.#match(s + 1, end + 1) : -1
        if (taken >= 0) return taken
        p = end + 1
        continue
      }
      if (!fits) return -1
      s++
      p = end
    }
  }

  /** `%b`, `%f` and `%1`: where each ends. */
  #special(s: number, p: number): number {
    const kind = this.#pattern[p + 1] as string
    if (kind === 'b') return this.#balance(s, p + 2)
    if (kind === 'f') return this.#frontier(s, p + 2)
    const captured = this.#captures[Number(kind) - 1]
    if (captured === undefined || captured.length === OPEN)
      throw new PatternProblem('invalid capture index')
    const text = this.#text.slice(captured.start, captured.start + Math.max(0, captured.length))
    return this.#text.startsWith(text, s) ? s + text.length : -1
  }

  #balance(s: number, p: number): number {
    const [open, close] = [this.#pattern[p], this.#pattern[p + 1]]
    if (open === undefined || close === undefined) throw new PatternProblem('unbalanced pattern')
    if (this.#text[s] !== open) return -1
    let depth = 1
    for (let at = s + 1; at < this.#text.length; at++) {
      this.#count()
      if (this.#text[at] === close) {
        if (--depth === 0) return at + 1
      } else if (this.#text[at] === open) depth++
    }
    return -1
  }

  #frontier(s: number, p: number): number {
    if (this.#pattern[p] !== '[') throw new PatternProblem("missing '[' after '%f' in pattern")
    const end = this.#classEnd(p)
    const before = s === 0 ? 0 : this.#text.charCodeAt(s - 1)
    const after = s < this.#text.length ? this.#text.charCodeAt(s) : 0
    return !this.#inSet(before, p, end) && this.#inSet(after, p, end) ? s : -1
  }

  #longest(s: number, p: number, end: number, least: number): number {
    let count = 0
    while (this.#fits(s + count, p, end)) {
      this.#count()
      count++
    }
    for (; count >= least; count--) {
      const found = this.#match(s + count, end + 1)
      if (found >= 0) return found
    }
    return -1
  }

  #shortest(from: number, p: number, end: number): number {
    for (let s = from; ; s++) {
      const found = this.#match(s, end + 1)
      if (found >= 0) return found
      if (!this.#fits(s, p, end)) return -1
    }
  }

  #open(s: number, p: number): number {
    if (this.#captures.length >= MOST_CAPTURES) throw new PatternProblem('too many captures')
    const isPosition = this.#pattern[p + 1] === ')'
    this.#captures.push({ start: s, length: isPosition ? POSITION : OPEN })
    const found = this.#match(s, p + (isPosition ? 2 : 1))
    if (found < 0) this.#captures.pop()
    return found
  }

  #close(s: number, p: number): number {
    const capture = this.#captures.findLast(({ length }) => length === OPEN)
    if (capture === undefined) throw new PatternProblem("invalid ')'")
    capture.length = s - capture.start
    const found = this.#match(s, p)
    if (found < 0) capture.length = OPEN
    return found
  }

  /** Where the class that begins at `p` ends. */
  #classEnd(p: number): number {
    const pattern = this.#pattern
    if (pattern[p] === '%') {
      if (p + 1 >= pattern.length) throw new PatternProblem('unexpected EOS')
      return p + 2
    }
    if (pattern[p] !== '[') return p + 1
    let at = pattern[p + 1] === '^' ? p + 2 : p + 1
    do {
      if (at >= pattern.length) throw new PatternProblem('unexpected EOS')
      at += pattern[at] === '%' ? 2 : 1
    } while (pattern[at] !== ']')
    return at + 1
  }

  #fits(s: number, p: number, end: number): boolean {
    if (s >= this.#text.length) return false
    const code = this.#text.charCodeAt(s)
    const char = this.#pattern[p]
    if (char === '.') return true
    if (char === '%') return isOf(code, this.#pattern[p + 1] as string)
    return char === '[' ? this.#inSet(code, p, end) : this.#pattern.charCodeAt(p) === code
  }

  #inSet(code: number, p: number, end: number): boolean {
    const pattern = this.#pattern
    const isNegated = pattern[p + 1] === '^'
    let at = isNegated ? p + 2 : p + 1
    while (at < end - 1) {
      if (pattern[at] === '%') {
        if (isOf(code, pattern[at + 1] as string)) return !isNegated
        at += 2
      } else if (pattern[at + 1] === '-' && at + 2 < end - 1) {
        if (pattern.charCodeAt(at) <= code && code <= pattern.charCodeAt(at + 2)) return !isNegated
        at += 3
      } else {
        if (pattern.charCodeAt(at) === code) return !isNegated
        at++
      }
    }
    return isNegated
  }
}

const STEPS_COUNTED = 1024
/** Of one search: it is not interrupted for others, so it may take some tens of milliseconds. */
const MOST_STEPS = 1 << 20
/** What an honest pattern needs for a long text. */
const STEPS_A_BYTE = 16
