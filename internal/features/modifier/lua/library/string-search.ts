import type { Machine } from '../machine/machine.ts'
import { asText, isTrue } from '../machine/operators.ts'
import { Table } from '../machine/table.ts'
import {
  Caller,
  isFunction,
  NONE,
  type Running,
  typeName,
  type Value,
  type Values,
} from '../machine/values.ts'
import { badArgument, textOf, wholeOf } from './arguments.ts'
import { type Capture, type Match, Matcher, MORE } from './pattern.ts'
import { PatternProblem, parsePattern } from './pattern-parser.ts'

/** Where `position` (counted from 1, or from the end) stands, counted from 0. */
export const startOf = (length: number, position: number): number =>
  position > 0 ? position - 1 : position < 0 ? Math.max(0, length + position) : 0

/** Steps of a search between two looks at the time: they are smaller than those of scripts. */
const STEPS_OF_SEARCH = 40_000
const PART_OF_STEP = 1

function matcherOf(machine: Machine, text: string, pattern: string): Matcher {
  machine.steps -= pattern.length
  return problemsOf(machine, () => new Matcher(text, parsePattern(pattern)))
}

function* search(machine: Machine, matcher: Matcher, from: number): Running<Match | undefined> {
  matcher.begin(from)
  for (;;) {
    const found = problemsOf(machine, () => matcher.run(STEPS_OF_SEARCH))
    machine.steps -= (STEPS_OF_SEARCH - matcher.left) >> PART_OF_STEP
    if (found !== MORE) return found
    yield* machine.rest()
  }
}

function problemsOf<T>(machine: Machine, work: () => T): T {
  try {
    return work()
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

/** `string.find`. */
export function* find(machine: Machine, args: Values): Running<Values> {
  const text = textOf(machine, args, 1)
  const pattern = textOf(machine, args, 2)
  const from = Math.min(text.length, startOf(text.length, wholeOf(machine, args, 3, 1)))
  // As gopher-lua has it, wherever the search was to begin.
  if (pattern === '') return [1, 0]
  if (isTrue(args[3]) || !/[\^$*+?.()[%-]/.test(pattern)) {
    machine.steps -= text.length >> 6
    const at = text.indexOf(pattern, from)
    return at < 0 ? [undefined] : [at + 1, at + pattern.length]
  }
  const match = yield* search(machine, matcherOf(machine, text, pattern), from)
  if (match === undefined) return [undefined]
  const captures = match.captures.map((capture) => captured(text, capture))
  return [match.start + 1, match.end, ...captures]
}

/** `string.match`. */
export function* match(machine: Machine, args: Values): Running<Values> {
  const text = textOf(machine, args, 1)
  const from = startOf(text.length, wholeOf(machine, args, 3, 1))
  const matcher = matcherOf(machine, text, textOf(machine, args, 2))
  const found = yield* search(machine, matcher, from)
  return found === undefined ? [undefined] : capturesOf(text, found)
}

/** `string.gmatch`. */
export function gmatch(machine: Machine, args: Values): Values {
  const text = textOf(machine, args, 1)
  const pattern = textOf(machine, args, 2)
  const matcher = matcherOf(machine, text, pattern)
  let from = 0
  const next = new Caller(function* nextMatch(running) {
    const found = from > text.length ? undefined : yield* search(running, matcher, from)
    if (found === undefined) return NONE
    from = pattern.startsWith('^') ? text.length + 1 : behind(found)
    return capturesOf(text, found)
  })
  return [next]
}

/** Where the search for the next match begins. */
const behind = ({ start, end }: Match): number => (end > start ? end : end + 1)

/** `string.gsub`. */
export function* gsub(machine: Machine, args: Values): Running<Values> {
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
  const parts = typeof replacement === 'string' ? yield* partsOf(machine, replacement) : undefined
  let [result, from, kept, count] = ['', 0, 0, 0]
  while (from <= text.length && count !== limit) {
    if (--machine.steps < 0) yield* machine.refuel()
    const found = yield* search(machine, matcher, from)
    if (found === undefined) break
    count++
    const inserted =
      parts === undefined
        ? yield* replaced(machine, text, found, replacement)
        : yield* filled(machine, parts, text, found)
    machine.takeText(inserted.length + found.start - kept)
    result = machine.join(result, text.slice(kept, found.start) + inserted)
    kept = found.end
    from = behind(found)
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
  const captures = capturesOf(text, found)
  const value =
    replacement instanceof Table
      ? yield* machine.index(replacement, captures[0])
      : (yield* machine.callback(replacement, captures))[0]
  if (!isTrue(value)) return whole
  return asText(value) ?? machine.fail(`invalid replacement value (a ${typeName(value)})`)
}

/** A replacement with `%0` to `%9` filled in: its parts are texts, and numbers of captures. */
function* filled(
  machine: Machine,
  parts: readonly (string | number)[],
  text: string,
  found: Match,
): Running<string> {
  const captures = capturesOf(text, found)
  let result = ''
  for (const part of parts) {
    const value = part === 0 ? text.slice(found.start, found.end) : part
    const piece = typeof value === 'string' ? value : asText(captures[value - 1])
    result = machine.join(result, piece ?? machine.fail('invalid capture index'))
    if (--machine.steps < 0) yield* machine.refuel()
  }
  return result
}

function* partsOf(machine: Machine, replacement: string): Running<(string | number)[]> {
  const parts: (string | number)[] = []
  let kept = 0
  for (let at = replacement.indexOf('%'); at >= 0; at = replacement.indexOf('%', at + 2)) {
    const next = replacement[at + 1] ?? ''
    const isCapture = next >= '0' && next <= '9'
    if (!isCapture && next !== '%') continue
    parts.push(replacement.slice(kept, isCapture ? at : at + 1))
    if (isCapture) parts.push(Number(next))
    kept = at + 2
    if (--machine.steps < 0) yield* machine.refuel()
  }
  parts.push(replacement.slice(kept))
  return parts
}
