/** A node of gin's radix tree: a piece of a path, which need not end at a slash, or a placeholder. */
export type RadixNode = {
  path: string
  kind: 'root' | 'static' | 'param' | 'catchAll'
  /** First characters of the children that are no placeholder, in their order. */
  indices: string
  /** The last child is a placeholder. */
  hasPlaceholder: boolean
  children: RadixNode[]
  isRoute: boolean
}

const node = (parts: Partial<RadixNode> = {}): RadixNode => ({
  path: '',
  kind: 'static',
  indices: '',
  hasPlaceholder: false,
  children: [],
  isRoute: false,
  ...parts,
})

/**
 * The tree in which gin keeps these paths (`/users/:id`, `/files/*rest`), split where it splits them: which requests
 * it redirects follows from that alone. Conflicts were refused before.
 */
export function radixTree(paths: readonly string[]): RadixNode {
  const root = node({ kind: 'root' })
  for (const path of paths)
    if (root.path === '' && root.children.length === 0) insert(root, path)
    else add(root, path)
  root.kind = 'root'
  return root
}

function add(root: RadixNode, whole: string): void {
  let at = root
  let path = whole
  for (;;) {
    const shared = sharedLength(path, at.path)
    if (shared < at.path.length) split(at, shared)
    if (shared === path.length) {
      at.isRoute = true
      return
    }
    path = path.slice(shared)
    const next = nextOf(at, path)
    if (next === undefined) return insert(newChild(at, path), path)
    at = next
  }
}

/** Where a path that goes on after `at` goes on. */
function nextOf(at: RadixNode, path: string): RadixNode | undefined {
  const first = path.charAt(0)
  if (at.kind === 'param' && first === '/' && at.children.length === 1) return at.children[0]
  const index = at.indices.indexOf(first)
  if (index >= 0) return at.children[index]
  return isPlaceholder(first) && at.hasPlaceholder ? at.children.at(-1) : undefined
}

/** A placeholder hangs itself below its node; anything else begins a child. */
function newChild(at: RadixNode, path: string): RadixNode {
  if (isPlaceholder(path.charAt(0))) return at
  at.indices += path.charAt(0)
  return addChild(at, node())
}

function insert(start: RadixNode, whole: string): void {
  let at = start
  let path = whole
  for (let index = path.search(/[:*]/); index >= 0; index = path.search(/[:*]/)) {
    if (path.charAt(index) === '*') return insertRest(at, path, index - 1)
    if (index > 0) {
      at.path = path.slice(0, index)
      path = path.slice(index)
    }
    const [name = ''] = path.split('/', 1)
    const param = addChild(at, node({ kind: 'param', path: name }))
    at.hasPlaceholder = true
    path = path.slice(name.length)
    if (path === '') {
      param.isRoute = true
      return
    }
    at = addChild(param, node())
  }
  at.path = path
  at.isRoute = true
}

/** Everything from the slash at `slash` on. */
function insertRest(at: RadixNode, path: string, slash: number): void {
  at.path = path.slice(0, slash)
  const empty = addChild(at, node({ kind: 'catchAll', hasPlaceholder: true }))
  at.indices = '/'
  empty.children = [node({ kind: 'catchAll', path: path.slice(slash), isRoute: true })]
}

/** Placeholders stay last. */
function addChild(at: RadixNode, child: RadixNode): RadixNode {
  const before = at.hasPlaceholder ? at.children.length - 1 : at.children.length
  at.children.splice(before, 0, child)
  return child
}

function split(at: RadixNode, length: number): void {
  const { kind: _, ...rest } = at
  const child = node({ ...rest, path: at.path.slice(length) })
  at.children = [child]
  at.indices = child.path.charAt(0)
  at.path = at.path.slice(0, length)
  at.isRoute = false
  at.hasPlaceholder = false
}

const isPlaceholder = (character: string): boolean => character === ':' || character === '*'

function sharedLength(one: string, other: string): number {
  let length = 0
  while (length < one.length && one[length] === other[length]) length++
  return Math.min(length, other.length)
}
