import { asObject } from '../decode/json.ts'
import { own, put } from '../decode/put.ts'
import type { JsonObject, JsonValue } from '../pipe/pipe.ts'

/** One field to keep: all of it, or some of its own fields; under a new name when it is renamed. */
type Pick = {
  readonly from: string
  readonly to: string
  readonly inner: readonly Pick[] | undefined
}

/**
 * Keeps the fields listed as dot paths through objects, and renames top-level ones on the way (`renames`).
 * Of `a` and `a.b` the later one counts. Objects without a kept field disappear.
 */
export function allow(
  paths: readonly string[],
  renames: ReadonlyMap<string, string>,
): (data: JsonObject) => JsonObject {
  const tree: Tree = new Map()
  for (const path of paths) addPath(tree, path.split('.'))
  const picks = inMappingOrder(planOf(tree, renames))
  return (data) => pick(data, picks) ?? {}
}

type Tree = Map<string, Tree | true>

function addPath(tree: Tree, keys: readonly string[]): void {
  const [key = '', ...rest] = keys
  if (rest.length === 0) {
    tree.set(key, true)
    return
  }
  const known = tree.get(key)
  const inner: Tree = known instanceof Map ? known : new Map()
  tree.set(key, inner)
  addPath(inner, rest)
}

const NO_RENAMES: ReadonlyMap<string, string> = new Map()

const planOf = (tree: Tree, renames: ReadonlyMap<string, string>): Pick[] =>
  [...tree].map(([from, inner]) => ({
    from,
    to: renames.get(from) ?? from,
    inner: inner === true ? undefined : planOf(inner, NO_RENAMES),
  }))

/** Renamed fields come last: they win over a field that has their new name already. */
const inMappingOrder = (picks: readonly Pick[]): Pick[] => [
  ...picks.filter(({ from, to }) => from === to),
  ...picks.filter(({ from, to }) => from !== to),
]

function pick(data: JsonObject, picks: readonly Pick[]): JsonObject | undefined {
  let result: JsonObject | undefined
  for (const { from, to, inner } of picks) {
    const value = own(data, from)
    const kept = inner === undefined || value === undefined ? value : pickInside(value, inner)
    if (kept !== undefined) {
      result ??= {}
      put(result, to, kept)
    }
  }
  return result
}

function pickInside(value: JsonValue, picks: readonly Pick[]): JsonObject | undefined {
  const object = asObject(value)
  return object === undefined ? undefined : pick(object, picks)
}
