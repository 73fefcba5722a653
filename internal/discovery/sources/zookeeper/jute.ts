import { DiscoveryError } from '../../discovery.ts'

/** ZooKeeper's record format: big-endian numbers, and lengths before texts, buffers and lists. */
export type JuteValue =
  | { readonly int: number }
  | { readonly long: bigint }
  | { readonly bool: boolean }
  | { readonly text: string }
  | { readonly buffer: Buffer }

const LENGTH_BYTES = 4

/** A frame: its length, then the values. */
export function encodeFrame(values: readonly JuteValue[]): Buffer {
  const body = Buffer.concat(values.map(encode))
  return Buffer.concat([intBytes(body.length), body])
}

function encode(value: JuteValue): Buffer {
  if ('int' in value) return intBytes(value.int)
  if ('bool' in value) return Buffer.from([value.bool ? 1 : 0])
  if ('long' in value) {
    const bytes = Buffer.alloc(8)
    bytes.writeBigInt64BE(value.long)
    return bytes
  }
  const bytes = 'text' in value ? Buffer.from(value.text) : value.buffer
  return Buffer.concat([intBytes(bytes.length), bytes])
}

function intBytes(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeInt32BE(value)
  return bytes
}

/** Reads one record from its start; what is cut short is a broken answer. */
export class JuteReader {
  readonly #bytes: Buffer
  #at = 0

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  int(): number {
    return this.#take(4).readInt32BE()
  }

  long(): bigint {
    return this.#take(8).readBigInt64BE()
  }

  bool(): boolean {
    return this.#take(1)[0] !== 0
  }

  /** Length -1 is "none", read as empty. */
  buffer(): Buffer {
    const length = this.int()
    return length < 0 ? Buffer.alloc(0) : this.#take(length)
  }

  text(): string {
    return this.buffer().toString('utf8')
  }

  texts(): string[] {
    const count = Math.max(0, this.int())
    // Each takes at least its length: a count that cannot be is found before memory is spent on it.
    if (count * LENGTH_BYTES > this.#bytes.length - this.#at) throw cutShort()
    return Array.from({ length: count }, () => this.text())
  }

  #take(length: number): Buffer {
    const end = this.#at + length
    if (end > this.#bytes.length) throw cutShort()
    const taken = this.#bytes.subarray(this.#at, end)
    this.#at = end
    return taken
  }
}

const cutShort = () => new DiscoveryError('broken', 'a record of ZooKeeper is cut short')

/** Puts the pieces of a connection together to frames; `undefined` once a length cannot be. */
export function frameReader(mostBytes: number): (chunk: Buffer) => Buffer[] | undefined {
  let rest: Buffer = Buffer.alloc(0)
  return (chunk) => {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
    const frames: Buffer[] = []
    while (rest.length >= LENGTH_BYTES) {
      const length = rest.readInt32BE()
      if (length < 0 || length > mostBytes) return undefined
      if (rest.length < LENGTH_BYTES + length) break
      frames.push(rest.subarray(LENGTH_BYTES, LENGTH_BYTES + length))
      rest = rest.subarray(LENGTH_BYTES + length)
    }
    return frames
  }
}
