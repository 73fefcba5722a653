/** How many requests of this thread are under way at each host. */
export class InFlight {
  readonly #counts = new Map<string, number>()

  begin(url: string): void {
    this.#counts.set(url, (this.#counts.get(url) ?? 0) + 1)
  }

  end(url: string): void {
    const left = (this.#counts.get(url) ?? 0) - 1
    if (left > 0) this.#counts.set(url, left)
    else this.#counts.delete(url)
  }

  at(url: string): number {
    return this.#counts.get(url) ?? 0
  }
}
