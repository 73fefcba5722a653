import { type FuncMap, func, variadic } from '../func.ts'
import { Dict, isNil, List, sortedKeys, typeOf, type Value } from '../value.ts'
import { stringList, toText } from './cast.ts'
import { isEmpty } from './defaults.ts'

/** sprig's functions on maps. Go's random order of `keys` and `values` is a sorted one here. */
export const dicts: FuncMap = {
  dict: variadic([], 'any', dict),
  get: func(['dict', 'string'], (map, key) => (map.entries.has(key) ? map.entries.get(key) : '')),
  set: func(['dict', 'string', 'any'], (map, key, value) => {
    map.entries.set(key, value)
    return map
  }),
  unset: func(['dict', 'string'], (map, key) => {
    map.entries.delete(key)
    return map
  }),
  hasKey: func(['dict', 'string'], (map, key) => map.entries.has(key)),
  pluck: variadic(['string'], 'dict', (key, maps) => {
    return new List(maps.filter((map) => map.entries.has(key)).map((map) => map.entries.get(key)))
  }),
  keys: variadic([], 'dict', (maps) => stringList(maps.flatMap(sortedKeys))),
  values: func(['dict'], (map) => new List(sortedKeys(map).map((key) => map.entries.get(key)))),
  pick: variadic(['dict'], 'string', (map, keys) => {
    return new Dict([...map.entries].filter(([key]) => keys.includes(key)))
  }),
  omit: variadic(['dict'], 'string', (map, keys) => {
    return new Dict([...map.entries].filter(([key]) => !keys.includes(key)))
  }),
  merge: variadic(['dict'], 'dict', (target, sources) => mergeAll(target, sources, false)),
  mustMerge: variadic(['dict'], 'dict', (target, sources) => mergeAll(target, sources, false)),
  mergeOverwrite: variadic(['dict'], 'dict', (target, sources) => mergeAll(target, sources, true)),
  mustMergeOverwrite: variadic(['dict'], 'dict', (target, sources) =>
    mergeAll(target, sources, true),
  ),
  deepCopy: func(['any'], deepCopy),
  mustDeepCopy: func(['any'], deepCopy),
  dig: variadic([], 'any', dig),
}

function dict(parts: readonly Value[]): Dict {
  const map = new Dict()
  for (let i = 0; i < parts.length; i += 2) {
    map.entries.set(toText(parts[i]), i + 1 < parts.length ? parts[i + 1] : '')
  }
  return map
}

function mergeAll(target: Dict, sources: readonly Dict[], overwrites: boolean): Dict {
  for (const source of sources) merge(target, source, overwrites)
  return target
}

/** Maps are merged key by key; other values go over only where there is none yet, or when `overwrites`. */
function merge(target: Dict, source: Dict, overwrites: boolean): void {
  for (const [key, value] of source.entries) {
    const old = target.entries.get(key)
    if (value instanceof Dict && old instanceof Dict && !isEmpty(old)) merge(old, value, overwrites)
    else if (overwrites || (isEmpty(old) && !isNil(value))) target.entries.set(key, value)
  }
}

function deepCopy(value: Value): Value {
  if (value instanceof List) return new List(value.items.map(deepCopy), value.element)
  if (!(value instanceof Dict)) return value
  return new Dict(
    [...value.entries].map(([key, item]) => [key, deepCopy(item)] as const),
    value.element,
  )
}

function dig(parts: readonly Value[]): Value {
  if (parts.length < 3) throw new Error('dig needs at least three arguments')
  const otherwise = parts.at(-2)
  let value: Value = parts.at(-1)
  for (const key of parts.slice(0, -2)) {
    if (!(value instanceof Dict)) throw conversion(value, 'map[string]interface {}')
    if (typeof key !== 'string') throw conversion(key, 'string')
    if (!value.entries.has(key)) return otherwise
    value = value.entries.get(key)
  }
  return value
}

function conversion(value: Value, type: string): Error {
  const found = isNil(value) ? 'nil' : typeOf(value)
  return new Error(`interface conversion: interface {} is ${found}, not ${type}`)
}
