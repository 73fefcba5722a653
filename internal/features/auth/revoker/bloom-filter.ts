import { hash } from 'node:crypto'

/** How large a filter must be to hold `items` with one wrong yes in `1 / falsePositives` questions. */
export type FilterSize = { readonly bits: number; readonly hashes: number }

/** More hashes than these make no filter better that fits into memory. */
const MOST_HASHES = 31
const HASH_BYTES = 6

/** The textbook's optimum, as KrakenD's filter takes it. */
export function filterSize(items: number, falsePositives: number): FilterSize {
  const bits = Math.ceil((-items * Math.log(falsePositives)) / Math.LN2 ** 2)
  const hashes = Math.ceil((bits / items) * Math.LN2)
  return { bits: Math.max(bits, 64), hashes: Math.min(Math.max(hashes, 1), MOST_HASHES) }
}

/** Two numbers below 2^48 from which all places of an item come. */
export type Fingerprint = { readonly start: number; readonly step: number }

/** What an item leaves in a filter. */
export function fingerprint(item: string): Fingerprint {
  const digest = hash('sha256', item, 'buffer')
  return {
    start: digest.readUIntLE(0, HASH_BYTES),
    // An even step might visit few places.
    step: oddly(digest.readUIntLE(HASH_BYTES, HASH_BYTES)),
  }
}

/** Sets an item's bits. Only one thread writes. */
export function addTo(bytes: Uint8Array, size: FilterSize, item: Fingerprint): void {
  for (let index = 0; index < size.hashes; index++) {
    const bit = place(item, index, size)
    const at = Math.floor(bit / 8)
    bytes[at] = (bytes[at] as number) | (1 << (bit & 7))
  }
}

/** Whether an item may have been added; never `false` for one that was. */
export function isIn(bytes: Uint8Array, size: FilterSize, item: Fingerprint): boolean {
  for (let index = 0; index < size.hashes; index++) {
    const bit = place(item, index, size)
    if (((bytes[Math.floor(bit / 8)] as number) & (1 << (bit & 7))) === 0) return false
  }
  return true
}

/** Exact: 31 numbers below 2^48 add up to less than 2^53. */
const place = ({ start, step }: Fingerprint, index: number, { bits }: FilterSize): number =>
  (start + index * step) % bits

/** `| 1` would cut to 32 bits. */
const oddly = (value: number): number => (value % 2 === 0 ? value + 1 : value)

/** What stands for a claim in the filter. */
export const itemText = (key: string, value: string): string => `${key}-${value}`
