import type { RadixNode } from './radix-tree.ts'

/**
 * The path that gin takes a request for whose path leads nowhere: letters in another case, another slash at its end.
 * `undefined`: none. As in gin, some of these lead nowhere either (`/users/` beside `/users/:id/orders`).
 */
export function fixedPath(start: RadixNode, wanted: string, before = ''): string | undefined {
  let node = start
  let path = wanted
  let done = before
  while (isFolded(path.slice(0, node.path.length), node.path)) {
    path = path.slice(node.path.length)
    done += node.path
    if (path === '') return endsAt(node, done)
    const found = belowStatics(node, path, done)
    if (found !== undefined) return found
    if (!node.hasPlaceholder) return path === '/' && node.isRoute ? done : undefined
    node = node.children.at(-1) as RadixNode
    if (node.kind !== 'param') return `${done}${path}`
    const end = path.indexOf('/')
    done += end < 0 ? path : path.slice(0, end)
    const [next] = node.children
    if (end < 0) return endsAtParam(node, done)
    if (next === undefined) return path.length === end + 1 ? done : undefined
    path = path.slice(end)
    node = next
  }
  if (path === '/') return done
  return isFolded(`${path}/`, node.path) && node.isRoute ? `${done}${node.path}` : undefined
}

function belowStatics(node: RadixNode, path: string, done: string): string | undefined {
  const first = path.charAt(0)
  for (const letter of new Set([first.toLowerCase(), first.toUpperCase()])) {
    const child = node.children[node.indices.indexOf(letter)]
    const found = child === undefined ? undefined : fixedPath(child, path, done)
    if (found !== undefined) return found
  }
  return undefined
}

function endsAt(node: RadixNode, done: string): string | undefined {
  if (node.isRoute) return done
  const next = node.children[node.indices.indexOf('/')]
  const isSlashed =
    next !== undefined &&
    ((next.path.length === 1 && next.isRoute) ||
      (next.kind === 'catchAll' && next.children[0]?.isRoute === true))
  return isSlashed ? `${done}/` : undefined
}

function endsAtParam(node: RadixNode, done: string): string | undefined {
  if (node.isRoute) return done
  const [next] = node.children
  return next?.path === '/' && next.isRoute ? `${done}/` : undefined
}

/** The first letter was looked up before. */
const isFolded = (text: string, wanted: string): boolean =>
  text.length === wanted.length && text.slice(1).toLowerCase() === wanted.slice(1).toLowerCase()
