import type { Segment } from './pattern.ts'
import type { Leaf, RouteNode } from './route-tree.ts'

/** What is left to match below a segment: a choice, or the rest of the only route that goes on from there. */
export type Match<T> = Choice<T> | Rest<T>
type Choice<T> = {
  readonly kind: 'choice'
  readonly statics: ReadonlyMap<string, Match<T>>
  /** Longest prefix first; the one without prefix is last. */
  readonly params: readonly { readonly prefix: string; readonly below: Match<T> }[]
  readonly wildcard: Leaf<T> | undefined
  readonly leaf: Leaf<T> | undefined
}
/**
 * Routes that end alike have the same `segments`, so that what a thousand endpoints are matched with stays in the
 * processor's caches.
 */
type Rest<T> = {
  readonly kind: 'rest'
  readonly segments: readonly Segment[]
  readonly leaf: Leaf<T>
}

/** Makes a tree that is complete ready for look-ups. */
export function compileRoutes<T>(root: RouteNode<T>): Match<T> {
  const ends = new Map<string, readonly Segment[]>()
  const restOf = (leaf: Leaf<T>, depth: number): Rest<T> => {
    const segments = leaf.pattern.segments.slice(depth)
    const text = segments.map(formOf).join('/')
    const shared = ends.get(text) ?? segments
    ends.set(text, shared)
    return { kind: 'rest', segments: shared, leaf }
  }
  const compile = (node: RouteNode<T>, depth: number): Match<T> => {
    const only = onlyLeaf(node)
    if (only !== undefined) return restOf(only, depth)
    const { wildcard, leaf } = node
    return {
      kind: 'choice',
      statics: new Map([...node.statics].map(([text, child]) => [text, compile(child, depth + 1)])),
      params: node.params.map(({ prefix, node: child }) => ({
        prefix,
        below: compile(child, depth + 1),
      })),
      wildcard,
      leaf,
    }
  }
  return compile(root, 0)
}

/** The same for segments that match the same. */
function formOf(segment: Segment): string {
  if (segment.kind === 'static') return `=${segment.text}`
  return segment.kind === 'param' ? `{${segment.prefix}` : '*'
}

/** The one route from `node` on, if there are not more of them. */
function onlyLeaf<T>(node: RouteNode<T>): Leaf<T> | undefined {
  let at: RouteNode<T> | undefined = node
  while (at !== undefined) {
    const { statics, params, wildcard, leaf }: RouteNode<T> = at
    const ends = Number(wildcard !== undefined) + Number(leaf !== undefined)
    if (ends + statics.size + params.length !== 1) return undefined
    if (ends === 1) return leaf ?? wildcard
    at = params[0]?.node ?? statics.values().next().value
  }
  return undefined
}

/**
 * The route for `path` from `start` (just after a slash) on: static segments before placeholders, these
 * before a wildcard, going back where a choice leads nowhere. Leaves the placeholders' values in `values`.
 * A placeholder may be empty in the middle of a path, never at its end, as in gin.
 */
export function matchRoute<T>(
  match: Match<T>,
  path: string,
  start: number,
  values: string[],
): Leaf<T> | undefined {
  if (match.kind === 'rest') return matchRest(match, path, start, values)
  if (start > path.length) return match.leaf
  const end = segmentEnd(path, start)
  const next = match.statics.get(path.slice(start, end))
  if (next !== undefined) {
    const found = matchRoute(next, path, end + 1, values)
    if (found !== undefined) return found
  }
  for (const { prefix, below } of match.params) {
    const from = valueStart(prefix, path, start, end)
    if (from < 0) continue
    values.push(path.slice(from, end))
    const found = matchRoute(below, path, end + 1, values)
    if (found !== undefined) return found
    values.pop()
  }
  if (match.wildcard !== undefined) values.push(path.slice(start))
  return match.wildcard
}

function matchRest<T>(
  { segments, leaf }: Rest<T>,
  path: string,
  start: number,
  values: string[],
): Leaf<T> | undefined {
  const had = values.length
  let from = start
  for (const segment of segments) {
    from = from > path.length ? NO_MATCH : matchSegment(segment, path, from, values)
    if (from < 0) break
  }
  if (from > path.length) return leaf
  values.length = had
  return undefined
}

/** Where the next segment begins, or `NO_MATCH`. */
function matchSegment(segment: Segment, path: string, start: number, values: string[]): number {
  if (segment.kind === 'wildcard') {
    values.push(path.slice(start))
    return path.length + 1
  }
  const end = segmentEnd(path, start)
  if (segment.kind === 'static') {
    const isSame = end - start === segment.text.length && path.startsWith(segment.text, start)
    return isSame ? end + 1 : NO_MATCH
  }
  const from = valueStart(segment.prefix, path, start, end)
  if (from < 0) return NO_MATCH
  values.push(path.slice(from, end))
  return end + 1
}
const NO_MATCH = -1

function segmentEnd(path: string, start: number): number {
  const slash = path.indexOf('/', start)
  return slash < 0 ? path.length : slash
}

/** Where a placeholder's value begins in the segment from `start` to `end`, or `NO_MATCH`. */
function valueStart(prefix: string, path: string, start: number, end: number): number {
  const from = start + prefix.length
  const isEmptyAtEnd = from === end && end === path.length
  return from > end || isEmptyAtEnd || !path.startsWith(prefix, start) ? NO_MATCH : from
}
