import { ConfigError, type Place } from '../errors.ts'
import type { Pattern, Segment } from './pattern.ts'

/** The end of a route: what it leads to, and the names for the values found on the way. */
export type Leaf<T> = {
  readonly pattern: Pattern
  readonly value: T
  /** As configured (`GET /users/{id}`), and where: for messages. */
  readonly label: string
  readonly place: Place
}

/** One segment deep in the tree that routes are added to. The tree belongs to one method. */
export type RouteNode<T> = {
  readonly statics: Map<string, RouteNode<T>>
  /** Longest prefix first; the one without prefix is last. */
  readonly params: ParamEdge<T>[]
  wildcard: Leaf<T> | undefined
  leaf: Leaf<T> | undefined
}
type ParamEdge<T> = {
  readonly prefix: string
  readonly name: string
  /** The route that brought it, for messages. */
  readonly owner: Leaf<T>
  readonly node: RouteNode<T>
}

export function emptyNode<T>(): RouteNode<T> {
  return { statics: new Map(), params: [], wildcard: undefined, leaf: undefined }
}

/** Adds a route. Throws a `ConfigError` when the same path is taken or a placeholder's sibling has another name. */
export function addRoute<T>(root: RouteNode<T>, leaf: Leaf<T>): void {
  let node = root
  for (const [depth, segment] of leaf.pattern.segments.entries()) {
    if (segment.kind === 'wildcard') {
      refuseTaken(node.wildcard, leaf)
      node.wildcard = leaf
      return
    }
    node =
      segment.kind === 'static'
        ? staticChild(node, segment.text)
        : paramChild(node, segment, leaf, depth)
  }
  refuseTaken(node.leaf, leaf)
  node.leaf = leaf
}

function staticChild<T>(node: RouteNode<T>, text: string): RouteNode<T> {
  const found = node.statics.get(text)
  if (found !== undefined) return found
  const child = emptyNode<T>()
  node.statics.set(text, child)
  return child
}

type ParamSegment = Extract<Segment, { kind: 'param' }>

function paramChild<T>(
  node: RouteNode<T>,
  segment: ParamSegment,
  leaf: Leaf<T>,
  depth: number,
): RouteNode<T> {
  const found = node.params.find(({ prefix }) => prefix === segment.prefix)
  if (found === undefined) {
    const child = emptyNode<T>()
    node.params.push({ prefix: segment.prefix, name: segment.name, owner: leaf, node: child })
    node.params.sort((one, other) => other.prefix.length - one.prefix.length)
    return child
  }
  if (found.name === segment.name) return found.node
  const before = leaf.pattern.text
    .split('/')
    .slice(0, depth + 1)
    .join('/')
  throw new ConfigError(
    `':${segment.name}' in new path '${leaf.pattern.text}' conflicts with existing wildcard ':${found.name}' ` +
      `in existing prefix '${before}/${segment.prefix}:${found.name}' (${leaf.label} and ${named(found.owner)})`,
    leaf.place,
  )
}

function refuseTaken<T>(taken: Leaf<T> | undefined, leaf: Leaf<T>): void {
  if (taken === undefined) return
  throw new ConfigError(
    `handlers are already registered for path '${leaf.pattern.text}' (${leaf.label} and ${named(taken)})`,
    leaf.place,
  )
}

const named = ({ label, place }: Leaf<unknown>): string =>
  place.path === undefined ? label : `${label} at ${place.path}`
