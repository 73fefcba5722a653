import { fromScript, toScript } from '../api/text.ts'
import type { Machine } from '../machine/machine.ts'
import { asText, isTrue } from '../machine/operators.ts'
import { Table } from '../machine/table.ts'
import {
  Caller,
  isFunction,
  Native,
  NONE,
  type Running,
  typeName,
  type Value,
  type Values,
} from '../machine/values.ts'
import { badArgument, textOf, wholeOf } from './arguments.ts'
import { format } from './format.ts'
import type { Library } from './library.ts'
import { type Capture, type Match, Matcher, PatternProblem } from './pattern.ts'

/** Where `position` (counted from 1, or from the end) stands, counted from 0. */
const startOf = (length: number, position: number): number =>
  position > 0 ? position - 1 : position < 0 ? Math.max(0, length + position) : 0

function matcherOf(machine: Machine, text: string, pattern: string): Matcher {
  return new Matcher(text, pattern, (steps) => {
    machine.steps -= steps
    machine.budget.check(0)
  })
}

function search(machine: Machine, matcher: Matcher, from: number): Match | undefined {
  try {
    return matcher.find(from)
  } catch (problem) {
    if (problem instanceof PatternProblem) return machine.fail(problem.message)
    throw problem
  }
}

const captured = (text: string, { start, length }: Capture): Value =>
  length < 0 ? start + 1 : text.slice(start, start + length)

/** The captures, or all of the match where there are none. */
const capturesOf = (text: string, match: Match): Values =>
  match.captures.length === 0
    ? [text.slice(match.start, match.end)]
    : match.captures.map((capture) => captured(text, capture))

function find(machine: Machine, args: Values): Values {
  const text = textOf(machine, args, 1)
  const pattern = textOf(machine, args, 2)
  const from = Math.min(text.length, startOf(text.length, wholeOf(machine, args, 3, 1)))
  // As gopher-lua has it, wherever the search was to begin.
  if (pattern === '') return [1, 0]
  if (isTrue(args[3]) || !/[\^$*+?.([%-]/.test(pattern)) {
    machine.steps -= text.length >> 6
    const at = text.indexOf(pattern, from)
    return at < 0 ? [undefined] : [at + 1, at + pattern.length]
  }
  const match = search(machine, matcherOf(machine, text, pattern), from)
  if (match === undefined) return [undefined]
  const captures = match.captures.map((capture) => captured(text, capture))
  return [match.start + 1, match.end, ...captures]
}

function match(machine: Machine, args: Values): Values {
  const text = textOf(machine, args, 1)
  const from = startOf(text.length, wholeOf(machine, args, 3, 1))
  const found = search(machine, matcherOf(machine, text, textOf(machine, args, 2)), from)
  return found === undefined ? [undefined] : capturesOf(text, found)
}

function gmatch(machine: Machine, args: Values): Values {
  const text = textOf(machine, args, 1)
  const matcher = matcherOf(machine, text, textOf(machine, args, 2))
  let from = 0
  const next = new Native((running) => {
    const found = from > text.length ? undefined : search(running, matcher, from)
    if (found === undefined) return NONE
    from = found.end > found.start ? found.end : found.end + 1
    return capturesOf(text, found)
  })
  return [next]
}

function* gsub(machine: Machine, args: Values): Running<Values> {
  const text = textOf(machine, args, 1)
  const pattern = textOf(machine, args, 2)
  const replacement = asText(args[2]) ?? args[2]
  if (
    typeof replacement !== 'string' &&
    !(replacement instanceof Table) &&
    !isFunction(replacement)
  )
    badArgument(machine, 3, `string or table or function expected, got ${typeName(replacement)}`)
  const limit = wholeOf(machine, args, 4, -1)
  const matcher = matcherOf(machine, text, pattern)
  let [result, from, kept, count] = ['', 0, 0, 0]
  while (from <= text.length && count !== limit) {
    if (--machine.steps < 0) yield* machine.refuel()
    const found = search(machine, matcher, from)
    if (found === undefined) break
    count++
    const inserted = yield* replaced(machine, text, found, replacement)
    machine.takeText(inserted.length + found.start - kept)
    result = machine.join(result, text.slice(kept, found.start) + inserted)
    kept = found.end
    from = found.end > found.start ? found.end : found.end + 1
    if (pattern.startsWith('^')) break
  }
  return [machine.join(result, text.slice(kept)), count]
}

function* replaced(
  machine: Machine,
  text: string,
  found: Match,
  replacement: Value,
): Running<string> {
  const whole = text.slice(found.start, found.end)
  if (typeof replacement === 'string') return filled(machine, replacement, text, found)
  const captures = capturesOf(text, found)
  const value =
    replacement instanceof Table
      ? yield* machine.index(replacement, captures[0])
      : (yield* machine.callback(replacement, captures))[0]
  if (!isTrue(value)) return whole
  return asText(value) ?? machine.fail(`invalid replacement value (a ${typeName(value)})`)
}

/** The text of a replacement with `%0` to `%9` filled in. */
function filled(machine: Machine, replacement: string, text: string, found: Match): string {
  if (!replacement.includes('%')) return replacement
  const captures = capturesOf(text, found)
  return replacement.replace(/%([\s\S])/g, (whole, char: string) => {
    if (char === '%') return '%'
    if (char < '0' || char > '9') return whole
    if (char === '0') return text.slice(found.start, found.end)
    const value = captures[Number(char) - 1]
    return asText(value) ?? machine.fail('invalid capture index')
  })
}

function bytes(machine: Machine, args: Values): Values {
  const text = textOf(machine, args, 1)
  const first = wholeOf(machine, args, 2, 1)
  const last = wholeOf(machine, args, 3, first)
  const end = last < 0 ? text.length + last + 1 : Math.min(last, text.length)
  const start = startOf(text.length, first)
  machine.takeText(8 * Math.max(0, end - start))
  machine.steps -= Math.max(0, end - start) >> 2
  return Array.from({ length: Math.max(0, end - start) }, (_none, at) =>
    text.charCodeAt(start + at),
  )
}

function sub(machine: Machine, args: Values): Values {
  const text = textOf(machine, args, 1)
  const last = wholeOf(machine, args, 3, -1)
  const end = last < 0 ? text.length + last + 1 : last
  return [text.slice(startOf(text.length, wholeOf(machine, args, 2)), Math.max(0, end))]
}

function repeat(machine: Machine, args: Values): Values {
  const text = textOf(machine, args, 1)
  const times = Math.max(0, wholeOf(machine, args, 2))
  machine.takeText(text.length * times)
  return [text.repeat(times)]
}

function changed(change: (text: string) => string): Native {
  return new Native((machine, args) => {
    const text = textOf(machine, args, 1)
    machine.takeText(text.length)
    return [change(text)]
  })
}

const gmatching = new Native(gmatch)

/** `string`, and the methods of all strings, with `allow_open_libs`. */
export const STRING: Library = {
  byte: new Native(bytes),
  char: new Native((machine, args) => {
    machine.steps -= args.length >> 2
    const bytes = args.map((_value, at) => wholeOf(machine, args, at + 1) & 0xff)
    return [Buffer.from(bytes).toString('latin1')]
  }),
  dump: new Native((machine) => machine.fail('GopherLua does not support the string.dump')),
  find: new Native(find),
  format: new Native(format),
  gfind: gmatching,
  gmatch: gmatching,
  gsub: new Caller(gsub),
  len: new Native((machine, args) => [textOf(machine, args, 1).length]),
  lower: changed((text) => inLetters(text, (letter) => letter.toLowerCase())),
  match: new Native(match),
  rep: new Native(repeat),
  reverse: changed((text) => [...text].reverse().join('')),
  sub: new Native(sub),
  upper: changed((text) => inLetters(text, (letter) => letter.toUpperCase())),
}

/** Go changes each letter by itself, those beyond ASCII too; what has no single letter (ß) stays. */
function inLetters(bytes: string, change: (letter: string) => string): string {
  const text = fromScript(bytes)
  // Bytes that are no text have only ASCII's letters.
  if (text.includes(NOT_TEXT)) return bytes.replace(/[A-Za-z]+/g, change)
  const whole = change(text)
  if (whole.length === text.length || text.length > LONGEST_BY_LETTER) return toScript(whole)
  return toScript(
    text.replace(/\p{L}/gu, (letter) => {
      const changed = change(letter)
      return [...changed].length === 1 ? changed : letter
    }),
  )
}
const NOT_TEXT = '\ufffd'
/** Letter by letter takes its time. */
const LONGEST_BY_LETTER = 1 << 17
