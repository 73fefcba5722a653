import type { Leaf, RouteNode } from './route-tree.ts'

/** Routes with a placeholder beside which others go on with fixed text: gin's walk may end among those others. */
export function contestedRoutes<T>(root: RouteNode<T>): ReadonlySet<Leaf<T>> {
  const found = new Set<Leaf<T>>()
  const look = (node: RouteNode<T>, isContested: boolean): void => {
    if (isContested && node.leaf !== undefined) found.add(node.leaf)
    for (const child of node.statics.values()) look(child, isContested)
    const isChoice = node.statics.size > 0 || node.params.length > 1
    for (const { node: child } of node.params) look(child, isContested || isChoice)
  }
  look(root, false)
  return found
}
