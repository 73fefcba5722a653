import { asObject } from '../decode/json.ts'
import { put } from '../decode/put.ts'
import type { JsonObject } from '../pipe/pipe.ts'

/** What to leave out by name: the whole field, or some of its own fields. */
type Tree = Map<string, Tree | true>

/**
 * Leaves out the fields listed as dot paths through objects, and renames top-level ones on the way
 * (`renames`). Of `a` and `a.b` the shorter counts. Emptied objects stay.
 */
export function deny(
  paths: readonly string[],
  renames: ReadonlyMap<string, string>,
): (data: JsonObject) => JsonObject {
  const tree: Tree = new Map()
  for (const path of paths) addPath(tree, path.split('.'))
  if (renames.size === 0) return (data) => without(data, tree)
  return function denyAndRename(data) {
    const kept = without(data, tree)
    const result: JsonObject = {}
    for (const key of Object.keys(kept)) if (!renames.has(key)) put(result, key, kept[key] ?? null)
    // Renamed fields come last: they win over a field that has their new name already.
    for (const [from, to] of renames)
      if (Object.hasOwn(kept, from)) put(result, to, kept[from] ?? null)
    return result
  }
}

function addPath(tree: Tree, keys: readonly string[]): void {
  const [key = '', ...rest] = keys
  const known = tree.get(key)
  if (known === true) return
  if (rest.length === 0) {
    tree.set(key, true)
    return
  }
  const inner: Tree = known ?? new Map()
  tree.set(key, inner)
  addPath(inner, rest)
}

function without(data: JsonObject, tree: Tree): JsonObject {
  if (tree.size === 0) return data
  const result: JsonObject = {}
  for (const key of Object.keys(data)) {
    const rule = tree.get(key)
    if (rule === true) continue
    const value = data[key] ?? null
    const object = rule === undefined ? undefined : asObject(value)
    put(result, key, rule === undefined || object === undefined ? value : without(object, rule))
  }
  return result
}
