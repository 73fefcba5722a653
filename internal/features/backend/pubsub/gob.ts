import type { Outgoing } from './driver.ts'

/**
 * Go's gob encoding of a map of strings followed by bytes: what gocloud.dev (and so KrakenD) puts into a message of
 * a broker without headers.
 *
 *     [length] [type 64 is map[string]string] [length] [64: count, key, value, ...] [length] [bytes]
 */
const MAP_TYPE = 64
const BYTES_TYPE = 5
/** Around the number of the type: a map type (field 4) and its identity; key and element, both strings (6). */
const BEFORE_NUMBER = Buffer.from([4, 1, 2])
const AFTER_NUMBER = Buffer.from([0, 1, 12, 1, 12, 0, 0])
const ZERO = Buffer.from([0])
/** Integers below this are one byte; others a negated count of bytes, and those. */
const ONE_BYTE = 128

function unsigned(value: number): Buffer {
  if (value < ONE_BYTE) return Buffer.from([value])
  const hex = value.toString(16)
  const bytes = Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex')
  return Buffer.concat([Buffer.from([256 - bytes.length]), bytes])
}
/** Signed integers have their sign in the lowest bit. */
const signed = (value: number): Buffer => unsigned(value < 0 ? (~value << 1) | 1 : value << 1)
const sized = (...parts: readonly Buffer[]): Buffer => {
  const bytes = Buffer.concat(parts)
  return Buffer.concat([unsigned(bytes.length), bytes])
}

/** Metadata and body as one message; the body alone where there is no metadata. */
export function gobMessage({ body, metadata }: Outgoing): Buffer {
  if (metadata.size === 0) return body
  const texts = [...metadata].flat().map((text) => sized(Buffer.from(text)))
  return Buffer.concat([
    sized(signed(-MAP_TYPE), BEFORE_NUMBER, signed(MAP_TYPE), AFTER_NUMBER),
    sized(signed(MAP_TYPE), ZERO, unsigned(metadata.size), ...texts),
    sized(signed(BYTES_TYPE), ZERO, sized(body)),
  ])
}

/** The body of such a message; all of `data` when it is another. */
export function gobBody(data: Buffer): Buffer {
  const reader = new GobReader(data)
  reader.unsigned()
  const type = -reader.signed()
  reader.expect(BEFORE_NUMBER)
  if (reader.signed() !== type) return data
  reader.expect(AFTER_NUMBER)
  reader.take(reader.unsigned())
  reader.unsigned()
  if (reader.signed() !== BYTES_TYPE) return data
  reader.expect(ZERO)
  const body = reader.take(reader.unsigned())
  return reader.isWhole ? body : data
}

/** Reads on after something unexpected, and remembers that there was. */
class GobReader {
  readonly #data: Buffer
  #at = 0
  #isBroken = false

  constructor(data: Buffer) {
    this.#data = data
  }

  /** Everything was as expected, and is read. */
  get isWhole(): boolean {
    return !this.#isBroken && this.#at === this.#data.length
  }

  unsigned(): number {
    const [first = 0] = this.take(1)
    if (first < ONE_BYTE) return first
    const bytes = this.take(256 - first)
    if (bytes.length > 0 && bytes.length <= 6) return bytes.readUIntBE(0, bytes.length)
    this.#isBroken = true
    return 0
  }

  signed(): number {
    const value = this.unsigned()
    return value % 2 === 1 ? -(value + 1) / 2 : value / 2
  }

  expect(bytes: Buffer): void {
    if (!this.take(bytes.length).equals(bytes)) this.#isBroken = true
  }

  take(count: number): Buffer {
    const end = this.#at + count
    if (end > this.#data.length) this.#isBroken = true
    const bytes = this.#data.subarray(this.#at, end)
    this.#at = Math.min(end, this.#data.length)
    return bytes
  }
}
