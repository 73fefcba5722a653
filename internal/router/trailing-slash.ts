import type { RadixNode } from './radix-tree.ts'

/** A choice that can be taken back: the path from `node` on, whose placeholder was not tried. */
type Skipped = { readonly path: string; readonly node: RadixNode }
type Walk = { path: string; node: RadixNode; readonly skipped: Skipped[] }

/**
 * Whether gin would redirect a path that leads nowhere to the one with, or without, a slash at its end. It says so of
 * some paths that lead nowhere either way, too (`/q/1/` beside `/q/:a/:b`): where its walk ended decides.
 */
export function wantsOtherSlash(root: RadixNode, wanted: string): boolean {
  const walk: Walk = { path: wanted, node: root, skipped: [] }
  for (;;) {
    const verdict = step(walk)
    if (verdict !== undefined) return verdict
  }
}

/** One node on; `undefined`: the walk goes on. */
function step(walk: Walk): boolean | undefined {
  const { path, node } = walk
  const prefix = node.path
  if (path.length > prefix.length && path.startsWith(prefix)) return descend(walk)
  if (path === prefix) return !node.isRoute && path !== '/' && goBack(walk) ? undefined : ends(walk)
  const lacksSlash = path === '/' || (prefix === `${path}/` && node.isRoute)
  return !lacksSlash && goBack(walk) ? undefined : lacksSlash
}

function descend(walk: Walk): boolean | undefined {
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
    return path !== '/' && goBack(walk) ? undefined : path === '/' && node.isRoute
  walk.node = node.children.at(-1) as RadixNode
  return walk.node.kind === 'param' ? throughParam(walk) : false
}

function throughParam(walk: Walk): boolean | undefined {
  const { path, node } = walk
  const end = path.indexOf('/')
  const [next] = node.children
  if (end < 0) {
    if (node.isRoute || next === undefined) return false
    return (next.path === '/' && next.isRoute) || (next.path === '' && next.indices === '/')
  }
  if (next === undefined) return path.length === end + 1
  walk.path = path.slice(end)
  walk.node = next
  return undefined
}

/** The path ends with this node. */
function ends({ path, node }: Walk): boolean {
  if (node.isRoute) return false
  if (path === '/' && ((node.hasPlaceholder && node.kind !== 'root') || node.kind === 'static'))
    return true
  const slash = node.indices.indexOf('/')
  const next = slash < 0 ? undefined : node.children[slash]
  if (next === undefined) return false
  return (
    (next.path.length === 1 && next.isRoute) ||
    (next.kind === 'catchAll' && next.children[0]?.isRoute === true)
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
