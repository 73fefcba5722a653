import type { Found } from '../discovery.ts'
import { placeOf } from '../place-of.ts'

/** Into how many steps a slow start is cut. */
const STEPS = 10

/** Gives new instances a growing part of their weight (slow start). */
export class Ramp {
  readonly #slowStartMs: number
  /** When each instance came that is not at its full share yet. */
  readonly #since = new Map<string, number>()
  #known: ReadonlySet<string> | undefined

  constructor(slowStartMs: number) {
    this.#slowStartMs = slowStartMs
  }

  /** The list with the weights of this moment. The first list has its full weights at once: nobody else could serve. */
  at(list: readonly Found[], nowMs: number): readonly Found[] {
    if (this.#slowStartMs === 0) return list
    const places = new Set(list.map(placeOf))
    if (this.#known !== undefined && this.#known.size > 0)
      for (const place of places) if (!this.#known.has(place)) this.#since.set(place, nowMs)
    this.#known = places
    for (const [place, sinceMs] of this.#since)
      if (!places.has(place) || nowMs - sinceMs >= this.#slowStartMs) this.#since.delete(place)
    if (this.#since.size === 0) return list
    return list.map((instance) => {
      const sinceMs = this.#since.get(placeOf(instance))
      return sinceMs === undefined
        ? instance
        : { ...instance, weight: instance.weight * this.#share(nowMs - sinceMs) }
    })
  }

  /** When the next weights are due; `undefined` while nobody ramps up. */
  nextAtMs(nowMs: number): number | undefined {
    return this.#since.size === 0 ? undefined : nowMs + this.#slowStartMs / STEPS
  }

  #share(elapsedMs: number): number {
    const step = Math.floor((elapsedMs / this.#slowStartMs) * STEPS)
    return Math.max(1, step) / STEPS
  }
}
