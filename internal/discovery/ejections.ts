/** Hosts of one list that threads have taken out after failures. Each is over by itself. */
export class Ejections {
  readonly #until = new Map<string, number>()

  note(url: string, untilMs: number): void {
    this.#until.set(url, untilMs)
  }

  /** Who is out, by URL, and until when. */
  at(nowMs: number): ReadonlyMap<string, number> {
    for (const [url, untilMs] of this.#until) if (untilMs <= nowMs) this.#until.delete(url)
    return this.#until
  }
}
