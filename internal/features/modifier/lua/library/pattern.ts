import { type Item, type Pattern, PatternProblem } from './pattern-parser.ts'

/** Where a match begins and ends, and its captures. */
export type Match = {
  readonly start: number
  readonly end: number
  readonly captures: readonly Capture[]
}
/** A length below zero marks a position. */
export type Capture = { readonly start: number; readonly length: number }

/** A search that has to go on: others first. */
export const MORE = Symbol('the search is not over')
const POSITION = -1
const NOT_YET = -1

/**
 * The search for a pattern in a text. It takes back what does not fit, which can take for ever: so it can stop at any
 * step, and go on later.
 */
export class Matcher {
  readonly #text: string
  readonly #pattern: Pattern
  /** Of each capture. */
  readonly #starts: number[] = []
  readonly #lengths: number[] = []
  /** Of each item that can be had otherwise: how far it has come, and the last place to try. */
  readonly #tried: number[] = []
  readonly #least: number[] = []
  /** Those items, the latest last. */
  readonly #choices: number[] = []
  #start = 0
  /** Where in the text, and at which item. */
  #at = 0
  #item = 0
  /** Where an item that is being measured began, and how deep it is inside. */
  #began = NOT_YET
  #depth = 0
  #steps = 0

  constructor(text: string, pattern: Pattern) {
    this.#text = text
    this.#pattern = pattern
  }

  /** The next search looks for the first match that begins at `from` or later. */
  begin(from: number): void {
    this.#start = from
    this.#restart()
  }

  #restart(): void {
    this.#at = this.#start
    this.#item = 0
    this.#began = NOT_YET
    this.#choices.length = 0
  }

  /** Goes on for so many steps. */
  run(steps: number): Match | undefined | typeof MORE {
    this.#steps = steps
    const { items, isAnchored } = this.#pattern
    while (this.#start <= this.#text.length) {
      const item = items[this.#item]
      if (item === undefined) return this.#found()
      const fits = this.#fit(item)
      if (this.#began !== NOT_YET) return MORE
      if (fits) this.#item++
      else if (!this.#takeBack()) {
        if (isAnchored) return undefined
        this.#start++
        this.#restart()
      }
      if (--this.#steps <= 0) return MORE
    }
    return undefined
  }

  /** Steps that the last run has left. */
  get left(): number {
    return Math.max(0, this.#steps)
  }

  #found(): Match {
    const captures = this.#starts.map((start, at) => ({ start, length: this.#lengths[at] ?? 0 }))
    return { start: this.#start, end: this.#at, captures }
  }

  /** Whether an item fits, in its first way. One that is still being measured has begun, and no answer yet. */
  #fit(item: Item): boolean {
    switch (item.kind) {
      case 'letter':
        return item.repeat === '' ? this.#one(item.members) : this.#several(item)
      case 'open':
      case 'place':
        this.#starts[item.capture] = this.#at
        this.#lengths[item.capture] = POSITION
        return true
      case 'close':
        this.#lengths[item.capture] = this.#at - (this.#starts[item.capture] as number)
        return true
      case 'again':
        return this.#again(item)
      case 'balance':
        return this.#balanced(item.open, item.close)
      case 'frontier':
        return (
          item.members[this.#code(this.#at - 1)] === 0 && item.members[this.#code(this.#at)] === 1
        )
      case 'end':
        return this.#at === this.#text.length
    }
  }

  /** Before the first byte and behind the last one stands a zero. */
  #code(at: number): number {
    return at >= 0 && at < this.#text.length ? this.#text.charCodeAt(at) : 0
  }

  #one(members: Uint8Array): boolean {
    if (this.#at >= this.#text.length || members[this.#text.charCodeAt(this.#at)] !== 1)
      return false
    this.#at++
    return true
  }

  #several({ members, repeat }: Item & { kind: 'letter' }): boolean {
    if (repeat === '-') {
      this.#choose(this.#at, this.#at)
      return true
    }
    if (this.#began === NOT_YET) this.#began = this.#at
    const most = repeat === '?' ? this.#began + 1 : this.#text.length
    while (this.#at < most && this.#one(members)) if (this.#steps-- <= 0) return false
    const least = this.#began + (repeat === '+' ? 1 : 0)
    this.#began = NOT_YET
    if (this.#at < least) return false
    if (this.#at > least) this.#choose(this.#at, least)
    return true
  }

  /** Notes that this item can be had otherwise. */
  #choose(at: number, least: number): void {
    this.#tried[this.#item] = at
    this.#least[this.#item] = least
    this.#choices.push(this.#item)
  }

  /** Goes on behind the latest item that can be had otherwise; `false`: there is none. */
  #takeBack(): boolean {
    for (;;) {
      const item = this.#choices.at(-1)
      if (item === undefined) return false
      const { repeat, members } = this.#pattern.items[item] as Item & { kind: 'letter' }
      this.#at = this.#tried[item] as number
      const isMore =
        repeat === '-' ? this.#one(members) : --this.#at >= (this.#least[item] as number)
      this.#tried[item] = this.#at
      this.#item = item + 1
      if (isMore) return true
      this.#choices.pop()
    }
  }

  /** `%1`: what has been captured, once more. */
  #again({ capture, isKnown }: Item & { kind: 'again' }): boolean {
    if (!isKnown) throw new PatternProblem('invalid capture index')
    const start = this.#starts[capture] as number
    const text = this.#text.slice(start, start + Math.max(0, this.#lengths[capture] as number))
    this.#steps -= text.length
    if (!this.#text.startsWith(text, this.#at)) return false
    this.#at += text.length
    return true
  }

  /** `%b()`. */
  #balanced(open: number, close: number): boolean {
    if (this.#began === NOT_YET) {
      if (this.#at >= this.#text.length || this.#code(this.#at) !== open) return false
      ;[this.#began, this.#depth] = [this.#at++, 1]
    }
    for (; this.#at < this.#text.length && this.#depth > 0; this.#at++) {
      if (this.#steps-- <= 0) return false
      const code = this.#text.charCodeAt(this.#at)
      if (code === close) this.#depth--
      else if (code === open) this.#depth++
    }
    this.#began = NOT_YET
    return this.#depth === 0
  }
}
