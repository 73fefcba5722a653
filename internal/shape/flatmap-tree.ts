import { asObject } from '../decode/json.ts'
import { put } from '../decode/put.ts'
import type { JsonObject, JsonValue } from '../pipe/pipe.ts'

const WILDCARD = '*'

/**
 * Data as a tree of labelled edges, in which items of lists keep their label when others go. A node stays
 * folded (`edges` is undefined, `value` is the data itself) until an operation walks into it:
 *
 *     nodeOf({a: [1, 2], b: big})  →  edgesOf  →  a: folded [1, 2], b: folded big
 *
 * so that what no path names is neither copied nor visited.
 */
export type FlatmapNode = {
  /** The data while folded; afterwards what is left when all edges are gone. */
  value: JsonValue
  isCollection: boolean
  edges: Edge[] | undefined
}
export type Edge = { label: string; node: FlatmapNode }

/** The folded tree of `value`. */
export const nodeOf = (value: JsonValue): FlatmapNode => ({
  value,
  isCollection: Array.isArray(value),
  edges: undefined,
})

/** The edges of `node`, unfolded now if need be. May be changed. */
export function edgesOf(node: FlatmapNode): Edge[] {
  if (node.edges !== undefined) return node.edges
  const { value } = node
  const object = asObject(value)
  if (Array.isArray(value))
    node.edges = value.map((item, index) => ({ label: String(index), node: nodeOf(item) }))
  else if (object !== undefined)
    node.edges = Object.keys(object).map((label) => ({
      label,
      node: nodeOf(object[label] ?? null),
    }))
  else node.edges = []
  // A container that loses all it had becomes null; one that was empty stays what it was.
  if (node.edges.length > 0) node.value = null
  return node.edges
}

/** The data of `node`, with gaps in lists closed. */
export function dataOf(node: FlatmapNode): JsonValue {
  if (node.edges === undefined || node.edges.length === 0) return node.value
  if (node.isCollection) return node.edges.map((edge) => dataOf(edge.node))
  const result: JsonObject = {}
  for (const edge of node.edges) put(result, edge.label, dataOf(edge.node))
  return result
}

/** The nodes at `path`, and the labels that led there. */
export function collect(root: FlatmapNode, path: readonly string[]) {
  let found: { node: FlatmapNode; labels: readonly string[] }[] = [{ node: root, labels: [] }]
  for (const step of path)
    found = found.flatMap(({ node, labels }) => {
      const edges = edgesOf(node)
      const matching =
        step === WILDCARD ? edges : edges.filter((edge) => edge.label === step).slice(0, 1)
      return matching.map((edge) => ({ node: edge.node, labels: [...labels, edge.label] }))
    })
  return found
}

/** The data at `path`; what `*` matches comes as a list. */
export function get(node: FlatmapNode, path: readonly string[]): JsonValue {
  const [step, ...rest] = path
  if (step === undefined) return dataOf(node)
  const edges = edgesOf(node)
  if (edges.length === 0) return null
  if (step === WILDCARD) return edges.map((edge) => get(edge.node, rest))
  const next = edges.find((edge) => edge.label === step)
  return next === undefined ? null : get(next.node, rest)
}

/** Takes out what `path` matches. */
export function remove(root: FlatmapNode, path: readonly string[]): void {
  const last = path.at(-1)
  if (last === undefined) return
  for (const { node } of collect(root, path.slice(0, -1))) {
    const edges = edgesOf(node)
    if (last === WILDCARD) edges.length = 0
    else {
      const at = edges.findIndex((edge) => edge.label === last)
      if (at >= 0) edges.splice(at, 1)
    }
  }
}
