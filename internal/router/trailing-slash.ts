import type { RadixNode } from './radix-tree.ts'

/** A choice that can be taken back: the path from `node` on, whose placeholder was not tried. */
type Skipped = { readonly path: string; readonly node: RadixNode }
type Walk = { path: string; node: RadixNode; readonly skipped: Skipped[] }

/** Where gin's walk ends: at a route, where another slash at the path's end would lead to one, or nowhere. */
export type WalkEnd = 'route' | 'other slash' | 'nowhere'

/**
 * How gin's walk through its tree ends. Where it ends decides whether gin redirects: also a path that leads nowhere
 * either way (`/q/1/` beside `/q/:a/:b`), and one that a route has which the walk does not come to (`/q/` beside `/q`
 * and `/:a/`).
 */
export function ginWalk(root: RadixNode, wanted: string): WalkEnd {
  const walk: Walk = { path: wanted, node: root, skipped: [] }
  for (;;) {
    const verdict = step(walk)
    if (verdict !== undefined) return verdict
  }
}

const orNowhere = (wantsSlash: boolean): WalkEnd => (wantsSlash ? 'other slash' : 'nowhere')

/** One node on; `undefined`: the walk goes on. */
function step(walk: Walk): WalkEnd | undefined {
  const { path, node } = walk
  const prefix = node.path
  if (path.length > prefix.length && path.startsWith(prefix)) return descend(walk)
  if (path === prefix) return !node.isRoute && path !== '/' && goBack(walk) ? undefined : ends(walk)
  const lacksSlash = path === '/' || (prefix === `${path}/` && node.isRoute)
  return !lacksSlash && goBack(walk) ? undefined : orNowhere(lacksSlash)
}

function descend(walk: Walk): WalkEnd | undefined {
  const { path: before, node, skipped } = walk
  walk.path = before.slice(node.path.length)
  const { path } = walk
  const index = node.indices.indexOf(path.charAt(0))
  if (index >= 0) {
    if (node.hasPlaceholder) skipped.push({ path: before, node: { ...node, indices: '' } })
    walk.node = node.children[index] as RadixNode
    return undefined
  }
  if (!node.hasPlaceholder)
    return path !== '/' && goBack(walk) ? undefined : orNowhere(path === '/' && node.isRoute)
  walk.node = node.children.at(-1) as RadixNode
  return walk.node.kind === 'param' ? throughParam(walk) : 'route'
}

function throughParam(walk: Walk): WalkEnd | undefined {
  const { path, node } = walk
  const end = path.indexOf('/')
  const [next] = node.children
  if (end < 0) {
    if (node.isRoute) return 'route'
    return orNowhere(
      next !== undefined &&
        ((next.path === '/' && next.isRoute) || (next.path === '' && next.indices === '/')),
    )
  }
  if (next === undefined) return orNowhere(path.length === end + 1)
  walk.path = path.slice(end)
  walk.node = next
  return undefined
}

/** The path ends with this node. */
function ends({ path, node }: Walk): WalkEnd {
  if (node.isRoute) return 'route'
  if (path === '/' && ((node.hasPlaceholder && node.kind !== 'root') || node.kind === 'static'))
    return 'other slash'
  const slash = node.indices.indexOf('/')
  const next = slash < 0 ? undefined : node.children[slash]
  if (next === undefined) return 'nowhere'
  return orNowhere(
    (next.path.length === 1 && next.isRoute) ||
      (next.kind === 'catchAll' && next.children[0]?.isRoute === true),
  )
}

/** Back to the last choice that the rest of the path belongs to. */
function goBack(walk: Walk): boolean {
  for (let last = walk.skipped.pop(); last !== undefined; last = walk.skipped.pop()) {
    if (!last.path.endsWith(walk.path)) continue
    walk.path = last.path
    walk.node = last.node
    return true
  }
  return false
}
