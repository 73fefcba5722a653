/** The variables that are visible at a place, block by block, each with its name in JavaScript. */
export class Scope {
  readonly #blocks: Map<string, string>[] = [new Map()]
  readonly #fresh: () => string

  constructor(fresh: () => string) {
    this.#fresh = fresh
  }

  open(): void {
    this.#blocks.push(new Map())
  }

  close(): void {
    this.#blocks.pop()
  }

  /** Makes a variable; what it hides is visible again when its block is closed. */
  declare(name: string): string {
    const variable = this.#fresh()
    this.#blocks.at(-1)?.set(name, variable)
    return variable
  }

  /** `undefined`: it is global. */
  find(name: string): string | undefined {
    for (let at = this.#blocks.length - 1; at >= 0; at--) {
      const variable = this.#blocks[at]?.get(name)
      if (variable !== undefined) return variable
    }
    return undefined
  }
}
