import { addTo, type FilterSize, type Fingerprint, isIn } from './bloom-filter.ts'

/**
 * Three filters in memory that all threads see; the main thread writes.
 *
 * ```
 *   words: generation, current        questions: previous, current
 *   | filter 0 | filter 1 | filter 2 |        adding: current, next
 *      previous → current → next, one step every TTL, the oldest emptied
 * ```
 * So what is added is found for two to three times the TTL.
 */
export class RotatingFilter {
  readonly memory: SharedArrayBuffer
  readonly #size: FilterSize
  readonly #words: Int32Array
  readonly #filters: readonly Uint8Array[]
  readonly #isDirty = [false, false, false]

  constructor(size: FilterSize, memory = new SharedArrayBuffer(memoryBytes(size))) {
    this.memory = memory
    this.#size = size
    this.#words = new Int32Array(memory, 0, HEADER_WORDS)
    const bytes = filterBytes(size)
    this.#filters = [0, 1, 2].map(
      (index) => new Uint8Array(memory, HEADER_BYTES + index * bytes, bytes),
    )
  }

  /** Changes whenever an earlier "no" may no longer hold. */
  get generation(): number {
    return Atomics.load(this.#words, GENERATION)
  }

  has(item: Fingerprint): boolean {
    const current = Atomics.load(this.#words, CURRENT)
    return this.#isIn(current, item) || this.#isIn(current + 2, item)
  }

  add(item: Fingerprint): void {
    const current = Atomics.load(this.#words, CURRENT)
    for (const index of [current % 3, (current + 1) % 3]) {
      addTo(this.#filters[index] as Uint8Array, this.#size, item)
      this.#isDirty[index] = true
    }
    Atomics.add(this.#words, GENERATION, 1)
  }

  rotate(): void {
    const current = (Atomics.load(this.#words, CURRENT) + 1) % 3
    Atomics.store(this.#words, CURRENT, current)
    const oldest = (current + 1) % 3
    // Emptying memory that nobody wrote to would only make it resident.
    if (this.#isDirty[oldest]) this.#filters[oldest]?.fill(0)
    this.#isDirty[oldest] = false
  }

  #isIn(index: number, item: Fingerprint): boolean {
    return isIn(this.#filters[index % 3] as Uint8Array, this.#size, item)
  }
}

const GENERATION = 0
const CURRENT = 1
const HEADER_WORDS = 2
const HEADER_BYTES = 64

const filterBytes = ({ bits }: FilterSize): number => Math.ceil(bits / 8)

/** What three filters of this size take. */
export const memoryBytes = (size: FilterSize): number => HEADER_BYTES + 3 * filterBytes(size)
