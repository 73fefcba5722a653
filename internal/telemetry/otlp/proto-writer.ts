const VARINT = 0
const FIXED64 = 1
const LENGTH = 2
const FIXED32 = 5
const TWO_POW_32 = 2 ** 32

/** Writes Protocol Buffers (https://protobuf.dev/programming-guides/encoding/) into one growing buffer. */
export class ProtoWriter {
  #bytes: Buffer
  #at = 0

  constructor(sizeBytes = 4096) {
    this.#bytes = Buffer.allocUnsafe(sizeBytes)
  }

  get length(): number {
    return this.#at
  }

  /** A copy of what was written since the last `take`. */
  take(): Buffer {
    const taken = Buffer.from(this.#bytes.subarray(0, this.#at))
    this.#at = 0
    return taken
  }

  /** A whole number that is not negative and below 2^53. */
  uint(field: number, value: number): void {
    this.#tag(field, VARINT)
    this.#varint(value)
  }

  /** A whole number; negative ones take ten bytes. */
  int(field: number, value: number): void {
    this.#tag(field, VARINT)
    if (value >= 0) return this.#varint(value)
    let rest = BigInt.asUintN(64, BigInt(Math.trunc(value)))
    this.#room(10)
    for (; rest > 127n; rest >>= 7n) this.#bytes[this.#at++] = Number(rest & 127n) | 128
    this.#bytes[this.#at++] = Number(rest)
  }

  double(field: number, value: number): void {
    this.#tag(field, FIXED64)
    this.#room(8)
    this.#at = this.#bytes.writeDoubleLE(value, this.#at)
  }

  /** A whole number that is not negative, in eight bytes; exact below 2^53, to 256 above. */
  fixed64(field: number, value: number): void {
    this.#tag(field, FIXED64)
    this.#fixed64(value)
  }

  fixed32(field: number, value: number): void {
    this.#tag(field, FIXED32)
    this.#room(4)
    this.#at = this.#bytes.writeUInt32LE(value, this.#at)
  }

  text(field: number, text: string): void {
    this.#tag(field, LENGTH)
    const size = Buffer.byteLength(text)
    this.#varint(size)
    this.#room(size)
    this.#at += this.#bytes.write(text, this.#at)
  }

  bytes(field: number, bytes: Uint8Array): void {
    this.#tag(field, LENGTH)
    this.#varint(bytes.length)
    this.raw(bytes)
  }

  /** Bytes written as hexadecimal digits. */
  hex(field: number, digits: string): void {
    this.#tag(field, LENGTH)
    this.#varint(digits.length / 2)
    this.#room(digits.length / 2)
    this.#at += this.#bytes.write(digits, this.#at, 'hex')
  }

  packedFixed64(field: number, values: Iterable<number>, count: number): void {
    this.#tag(field, LENGTH)
    this.#varint(count * 8)
    for (const value of values) this.#fixed64(value)
  }

  packedDoubles(field: number, values: readonly number[]): void {
    this.#tag(field, LENGTH)
    this.#varint(values.length * 8)
    this.#room(values.length * 8)
    for (const value of values) this.#at = this.#bytes.writeDoubleLE(value, this.#at)
  }

  /** Fields that were written elsewhere. */
  raw(bytes: Uint8Array): void {
    this.#room(bytes.length)
    this.#bytes.set(bytes, this.#at)
    this.#at += bytes.length
  }

  /** Starts a message in this one: everything until `close` with the returned mark. */
  open(field: number): number {
    this.#tag(field, LENGTH)
    this.#room(1)
    return ++this.#at
  }

  close(mark: number): void {
    const size = this.#at - mark
    if (size < 128) {
      this.#bytes[mark - 1] = size
      return
    }
    // One byte was left for the length: what follows it makes room for the others.
    const more = varintBytes(size) - 1
    this.#room(more)
    this.#bytes.copyWithin(mark + more, mark, this.#at)
    this.#at = mark - 1
    this.#varint(size)
    this.#at += size
  }

  #tag(field: number, wire: number): void {
    this.#varint(field * 8 + wire)
  }

  #varint(value: number): void {
    this.#room(10)
    let rest = value
    while (rest > 127) {
      this.#bytes[this.#at++] = (rest % 128) | 128
      rest = Math.floor(rest / 128)
    }
    this.#bytes[this.#at++] = rest
  }

  #fixed64(value: number): void {
    this.#room(8)
    const high = Math.floor(value / TWO_POW_32)
    this.#at = this.#bytes.writeUInt32LE(value - high * TWO_POW_32, this.#at)
    this.#at = this.#bytes.writeUInt32LE(high, this.#at)
  }

  #room(count: number): void {
    if (this.#at + count <= this.#bytes.length) return
    const larger = Buffer.allocUnsafe(Math.max(this.#bytes.length * 2, this.#at + count))
    this.#bytes.copy(larger, 0, 0, this.#at)
    this.#bytes = larger
  }
}

const varintBytes = (value: number): number => {
  let count = 1
  for (let rest = value; rest > 127; rest = Math.floor(rest / 128)) count++
  return count
}
