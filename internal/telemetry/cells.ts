import type { Counter, Gauge, Histogram } from './metrics.ts'

/** One thread's growing row of numbers, in chunks that the main thread can read. */
export class CellMemory {
  static readonly #CHUNK_CELLS = 4096
  #chunk: Float64Array = new Float64Array(0)
  #chunkNumber = -1
  #used = 0
  #new: SharedArrayBuffer[] = []
  readonly #free = new Map<number, CellPlace[]>()

  /** `count` cells in a row, all 0. */
  take(count: number): CellPlace {
    const free = this.#free.get(count)?.pop()
    if (free !== undefined) return free
    if (this.#used + count > this.#chunk.length) this.#grow(count)
    const index = this.#used
    this.#used += count
    return { chunk: this.#chunkNumber, index, cells: this.#chunk }
  }

  /** For the next `take` of as many. Nobody may write there any more. */
  giveBack(place: CellPlace, count: number): void {
    place.cells.fill(0, place.index, place.index + count)
    const free = this.#free.get(count)
    if (free === undefined) this.#free.set(count, [place])
    else free.push(place)
  }

  /** The memory added since this was asked last. */
  newChunks(): SharedArrayBuffer[] {
    return this.#new.splice(0)
  }

  #grow(count: number): void {
    const cells = Math.max(count, CellMemory.#CHUNK_CELLS)
    const memory = new SharedArrayBuffer(cells * Float64Array.BYTES_PER_ELEMENT)
    this.#chunk = new Float64Array(memory)
    this.#chunkNumber++
    this.#used = 0
    this.#new.push(memory)
  }
}
export type CellPlace = {
  readonly chunk: number
  readonly index: number
  readonly cells: Float64Array
}

/** Up to here walking finds a bucket as fast as halving: most values are small. */
const FEW_BOUNDS = 32

function walk(bounds: readonly number[], value: number): number {
  let bucket = 0
  while (bucket < bounds.length && value > (bounds[bucket] as number)) bucket++
  return bucket
}

/** The first bucket whose bound is not below `value`. */
function search(bounds: readonly number[], value: number): number {
  let low = 0
  let high = bounds.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (value > (bounds[middle] as number)) low = middle + 1
    else high = middle
  }
  return low
}

/**
 * The writing end of one series. One class for all kinds, so that every call of `add` on the hot path meets
 * the same shape.
 */
export class Meter implements Counter, Gauge, Histogram {
  #cells: Float64Array
  #index: number
  readonly #bounds: readonly number[]

  constructor(place: CellPlace, bounds: readonly number[]) {
    this.#cells = place.cells
    this.#index = place.index
    this.#bounds = bounds
  }

  add(amount: number): void {
    const cells = this.#cells
    cells[this.#index] = (cells[this.#index] as number) + amount
  }

  set(value: number): void {
    this.#cells[this.#index] = value
  }

  observe(value: number): void {
    const bounds = this.#bounds
    const bucket = bounds.length > FEW_BOUNDS ? search(bounds, value) : walk(bounds, value)
    const cells = this.#cells
    const at = this.#index + bucket
    cells[at] = (cells[at] as number) + 1
    const sum = this.#index + bounds.length + 1
    cells[sum] = (cells[sum] as number) + value
  }

  /** From now on this writes into nothing: whoever still holds it does no harm to the cells' next owner. */
  detach(): void {
    this.#cells = new Float64Array(this.#bounds.length + 2)
    this.#index = 0
  }
}
