import { type Func, type FuncMap, func, variadic } from '../func.ts'
import { deepEqual, Int, isNil, kindOf, List, type Value } from '../value.ts'
import { toInt64 } from './cast.ts'
import { isEmpty } from './defaults.ts'

/** Longer lists are an accident, and would end the process instead of the start. */
const MAX_COUNT = 1_000_000

/** sprig's functions on lists. A nil list panics there, which templates see as this error. */
function itemsOf(value: Value, action: string): readonly Value[] {
  if (value instanceof List) return value.items
  if (isNil(value))
    throw new Error('runtime error: invalid memory address or nil pointer dereference')
  throw new Error(`${action} ${kindOf(value)}`)
}

const push = func(
  ['any', 'any'],
  (list, item) => new List([...itemsOf(list, 'Cannot push on type'), item]),
)

const prepend = func(
  ['any', 'any'],
  (list, item) => new List([item, ...itemsOf(list, 'Cannot prepend on type')]),
)

const first = func(['any'], (list) => itemsOf(list, 'Cannot find first on type')[0] ?? null)

const last = func(['any'], (list) => itemsOf(list, 'Cannot find last on type').at(-1) ?? null)

const rest = func(['any'], (list) => slicePart(itemsOf(list, 'Cannot find rest on type'), 1))

const initial = func(['any'], (list) =>
  slicePart(itemsOf(list, 'Cannot find initial on type'), 0, -1),
)

/** Of an empty list these parts are nil. */
function slicePart(items: readonly Value[], start: number, end?: number): List {
  return new List(items.slice(start, end), undefined, items.length === 0)
}

const reverse = func(
  ['any'],
  (list) => new List([...itemsOf(list, 'Cannot find reverse on type')].reverse()),
)

const compact = func(
  ['any'],
  (list) => new List(itemsOf(list, 'Cannot compact on type').filter((item) => !isEmpty(item))),
)

const uniq = func(['any'], (list) => {
  const kept: Value[] = []
  for (const item of itemsOf(list, 'Cannot find uniq on type')) {
    if (!kept.some((other) => deepEqual(item, other))) kept.push(item)
  }
  return new List(kept)
})

const without = variadic(['any'], 'any', (list, omitted) => {
  const items = itemsOf(list, 'Cannot find without on type')
  return new List(items.filter((item) => !omitted.some((other) => deepEqual(item, other))))
})

const has = func(['any', 'any'], (needle, haystack) => {
  if (isNil(haystack)) return false
  return itemsOf(haystack, 'Cannot find has on type').some((item) => deepEqual(needle, item))
})

const slice = variadic(['any'], 'any', (list, bounds) => {
  const items = itemsOf(list, 'list should be type of slice or array but')
  if (items.length === 0) return null
  const start = Number(toInt64(bounds[0]))
  const end = bounds.length < 2 ? items.length : Number(toInt64(bounds[1]))
  if (start < 0 || end < start || end > items.length)
    throw new Error('reflect.Value.Slice: slice index out of bounds')
  return new List(items.slice(start, end), list instanceof List ? list.element : undefined)
})

const chunk = func(['int', 'any'], (size, list) => {
  const items = itemsOf(list, 'Cannot chunk type')
  if (size <= 0 && items.length > 0) throw new Error('runtime error: makeslice: len out of range')
  const count = items.length === 0 ? 0 : Math.ceil(items.length / size)
  const chunks = Array.from(
    { length: count },
    (_, i) => new List(items.slice(i * size, (i + 1) * size)),
  )
  return new List(chunks, '[]interface {}')
})

/** The plain names panic where the `must` names give an error; templates see the same for both. */
function withMust(functions: Readonly<Record<string, Func>>): FuncMap {
  const must = Object.entries(functions).map(
    ([name, fn]) => [`must${name.charAt(0).toUpperCase()}${name.slice(1)}`, fn] as const,
  )
  return { ...functions, ...Object.fromEntries(must) }
}

function steps(start: number, stop: number, step: number): number[] {
  if (step === 0 || stop < start !== step < 0) return []
  const count = Math.max(0, Math.ceil((stop - start) / step))
  if (count > MAX_COUNT) throw new Error(`a list of ${count} numbers is too long`)
  return Array.from({ length: count }, (_, i) => start + i * step)
}

function integers(values: readonly number[]): List {
  return new List(
    values.map((value) => new Int(value)),
    'int',
  )
}

function sequence(params: readonly number[]): string {
  const [a = 0, b = 0, c = 0] = params
  const bounds = [undefined, [1, a, 1], [a, b, 1], [a, c, b]][params.length]
  if (bounds === undefined) return ''
  const [start = 0, end = 0, given = 1] = bounds
  const direction = end < start ? -1 : 1
  if (params.length === 3 && end < start && given > 0) return ''
  const step = params.length === 3 ? given : direction
  return steps(start, end + direction, step).join(' ')
}

const list = variadic([], 'any', (items) => new List(items))

export const lists: FuncMap = {
  ...withMust({ append: push, push, prepend, first, rest, last, initial, reverse, compact, uniq }),
  ...withMust({ without, has, slice, chunk }),
  list,
  tuple: list,
  concat: variadic([], 'any', (parts) => {
    const items = parts.flatMap(concatItems)
    return new List(items, undefined, items.length === 0)
  }),
  until: func(['int'], (count) => integers(steps(0, count, count < 0 ? -1 : 1))),
  untilStep: func(['int', 'int', 'int'], (start, stop, step) => integers(steps(start, stop, step))),
  seq: variadic([], 'int', sequence),
}

function concatItems(part: Value): readonly Value[] {
  if (part instanceof List || isNil(part)) return itemsOf(part, '')
  throw new Error(`Cannot concat type ${kindOf(part)} as list`)
}
