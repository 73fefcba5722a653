import type { Answer, Found } from '../../discovery.ts'
import { placeOf } from '../../place-of.ts'

export type SampleRules = { readonly size: number; readonly windowMs: number }

type Seen = { readonly found: Found; readonly atMs: number }

/**
 * Joins answers that show only some of the instances (Cloud Map: any eight): each instance stays until it was not
 * seen for the window. An answer that is not full shows them all.
 */
export class Samples {
  readonly #rules: SampleRules
  readonly #services = new Map<string, Map<string, Seen>>()

  constructor(rules: SampleRules) {
    this.#rules = rules
  }

  /** The answer with what earlier ones showed. */
  joined(service: string, answer: Answer, nowMs: number): Answer {
    const { instances, notes } = answer
    const isSample = instances.length >= this.#rules.size
    const known = this.#services.get(service) ?? new Map<string, Seen>()
    const seen = new Map(instances.map((found) => [placeOf(found), { found, atMs: nowMs }]))
    if (!isSample && answer.isPartial !== true) {
      this.#services.set(service, seen)
      return answer
    }
    const more: Found[] = []
    const told: string[] = []
    for (const [place, { found, atMs }] of known) {
      if (seen.has(place) || nowMs - atMs > this.#rules.windowMs) continue
      seen.set(place, { found, atMs })
      more.push(found)
      told.push(`${place}: kept, seen ${Math.round((nowMs - atMs) / 1000)} s ago in another sample`)
    }
    this.#services.set(service, seen)
    const note = `a sample: ${instances.length} records, ${instances.length + more.length} instances known`
    return { ...answer, instances: [...instances, ...more], notes: [...notes, note, ...told] }
  }
}
