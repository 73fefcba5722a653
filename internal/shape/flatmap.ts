import { asObject } from '../decode/json.ts'
import { ConfigError } from '../errors.ts'
import type { JsonObject, JsonValue } from '../pipe/pipe.ts'
import { collect, dataOf, edgesOf, type FlatmapNode, get, nodeOf, remove } from './flatmap-tree.ts'

const WILDCARD = '*'
type Path = readonly string[]
type Operation = (root: FlatmapNode) => void

/**
 * Compiles a `flatmap_filter`: a list of `{type: "move" | "del" | "append", args: [paths]}`, run from top to
 * bottom. `undefined` when it holds no operation. Throws a `ConfigError` where arguments are missing.
 */
export function flatmapFor(
  config: JsonValue | undefined,
): ((data: JsonObject | null) => JsonObject | null) | undefined {
  if (!Array.isArray(config)) return undefined
  const named = config.flatMap((entry, index) => {
    const operation = asObject(entry)
    const type = operation?.['type']
    return operation === undefined || typeof type !== 'string'
      ? []
      : [operationOf(type, operation['args'], index)]
  })
  if (named.length === 0) return undefined
  return function flatmap(data) {
    if (data === null) return null
    const root = nodeOf(data)
    for (const operation of named) operation(root)
    return asObject(dataOf(root)) ?? null
  }
}

function operationOf(type: string, args: JsonValue | undefined, index: number): Operation {
  const paths = pathsOf(args, index)
  if (type === 'del')
    return (root) => {
      for (const path of paths) remove(root, path)
    }
  if (type !== 'move' && type !== 'append') return () => {}
  const [source, destination] = paths
  if (source === undefined || destination === undefined)
    throw new ConfigError(`${type} needs two arguments, a source and a destination`, {
      path: `flatmap_filter[${index}].args`,
    })
  return type === 'move' ? move(source, destination) : (root) => append(root, source, destination)
}

function pathsOf(args: JsonValue | undefined, index: number): Path[] {
  return (Array.isArray(args) ? args : []).map((arg, position) => {
    if (typeof arg === 'string') return arg.split('.')
    throw new ConfigError('a path must be a text', {
      path: `flatmap_filter[${index}].args[${position}]`,
    })
  })
}

/** Renames (same length), sinks (longer destination) or raises (shorter one) what `source` matches. */
function move(source: Path, destination: Path): Operation {
  const label = destination.at(-1) ?? ''
  if (source.length === destination.length) return (root) => rename(root, source, label)
  return source.length < destination.length
    ? (root) => sink(root, source, destination.slice(source.length - 1, -1), label)
    : (root) => raise(root, source, destination.slice(0, -1), label)
}

/** Only the last segment changes; one of that name that is there already makes room. */
function rename(root: FlatmapNode, source: Path, label: string): void {
  const last = source.at(-1)
  if (last === label) return
  for (const { node } of collect(root, source.slice(0, -1))) {
    const edges = edgesOf(node)
    const found = edges.find((edge) => edge.label === last)
    if (found === undefined) continue
    node.edges = edges.filter((edge) => edge.label !== label || node.isCollection)
    found.label = label
  }
}

/** Puts what `source` matches deeper, below where it was; a `*` on the way is a name here. */
function sink(root: FlatmapNode, source: Path, way: Path, label: string): void {
  for (const { parent, child } of extract(root, source)) {
    let place = parent
    for (const step of way) place = stepInto(place, step)
    edgesOf(place).push({ label, node: child })
  }
}

/** Puts what `source` matches higher, from the root on; a `*` on the way is what matched it. */
function raise(root: FlatmapNode, source: Path, way: Path, label: string): void {
  for (const { child, labels } of extract(root, source)) {
    let place = root
    for (const [index, step] of way.entries()) {
      const name = step === WILDCARD ? labels[index] : step
      const next = edgesOf(place).find((edge) => edge.label === name)
      if (next === undefined) break
      place = next.node
    }
    edgesOf(place).push({ label, node: child })
  }
}

/** Takes what `source` matches out of the tree. The last segment is a name, never a wildcard. */
function extract(root: FlatmapNode, source: Path) {
  const last = source.at(-1)
  return collect(root, source.slice(0, -1)).flatMap(({ node, labels }) => {
    const edges = edgesOf(node)
    const at = edges.findIndex((edge) => edge.label === last)
    if (at < 0) return []
    return edges.splice(at, 1).map((edge) => ({ parent: node, child: edge.node, labels }))
  })
}

function stepInto(node: FlatmapNode, label: string): FlatmapNode {
  const edges = edgesOf(node)
  const known = edges.find((edge) => edge.label === label)
  if (known !== undefined) return known.node
  const child: FlatmapNode = { value: null, isCollection: false, edges: [] }
  edges.push({ label, node: child })
  return child
}

/** Puts the items of the list `source` behind those of the list `destination`. */
function append(root: FlatmapNode, source: Path, destination: Path): void {
  const items = get(root, source)
  const before = get(root, destination)
  if (!Array.isArray(items) || !Array.isArray(before)) return
  const place = destination.reduce(stepInto, root)
  place.isCollection = true
  if (destination.includes(WILDCARD)) {
    // A `*` is a name here, as in a longer destination of move.
    place.value = [...before, ...items]
    place.edges = undefined
  } else {
    const edges = edgesOf(place)
    const next = edges.reduce((highest, edge) => Math.max(highest, Number(edge.label)), -1) + 1
    for (const [index, item] of items.entries())
      edges.push({ label: String(next + index), node: nodeOf(item) })
  }
  remove(root, source)
}
