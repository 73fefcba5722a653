type Child<Node> = { readonly text: string; readonly node: Node }

/**
 * The children of a node by their fixed text. Most nodes below the first have one: it is compared in place, without
 * a map, which would be memory of its own for every route.
 */
export class StaticChildren<Node> {
  #first: Child<Node> | undefined
  /** All of them, once there are two. */
  #all: Map<string, Node> | undefined

  /** The child whose text is the part of `path` from `start` to `end`. */
  at(path: string, start: number, end: number): Node | undefined {
    if (this.#all !== undefined) return this.#all.get(path.slice(start, end))
    const first = this.#first
    if (first === undefined || first.text.length !== end - start) return undefined
    return path.startsWith(first.text, start) ? first.node : undefined
  }

  get(text: string): Node | undefined {
    return this.at(text, 0, text.length)
  }

  add(text: string, node: Node): void {
    const first = this.#first
    if (first === undefined) this.#first = { text, node }
    else {
      this.#all ??= new Map([[first.text, first.node]])
      this.#all.set(text, node)
    }
  }
}
