/** The few ASN.1 types a certificate is made of, in DER. */
export const TAG = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  null: 0x05,
  oid: 0x06,
  utf8String: 0x0c,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30,
  set: 0x31,
} as const

/** One element: tag, length, content. */
export function element(tag: number, ...content: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat(content)
  return Buffer.concat([Buffer.of(tag), lengthBytes(body.length), body])
}

function lengthBytes(length: number): Buffer {
  if (length < 0x80) return Buffer.of(length)
  const hex = length.toString(16)
  const bytes = Buffer.from(hex.padStart(hex.length + (hex.length % 2), '0'), 'hex')
  return Buffer.concat([Buffer.of(0x80 | bytes.length), bytes])
}

export function sequence(...content: readonly Uint8Array[]): Buffer {
  return element(TAG.sequence, ...content)
}

/** A non-negative integer from its big-endian bytes. */
export function integer(bytes: Uint8Array): Buffer {
  const start = bytes.findIndex((byte) => byte !== 0)
  const plain = start === -1 ? Buffer.of(0) : Buffer.from(bytes.subarray(start))
  const isNegative = ((plain[0] ?? 0) & 0x80) !== 0
  return element(TAG.integer, isNegative ? Buffer.concat([Buffer.of(0), plain]) : plain)
}

export function oid(text: string): Buffer {
  const [first = 0, second = 0, ...rest] = text.split('.').map(Number)
  const bytes = [first * 40 + second, ...rest].flatMap((number) => {
    const groups = [number & 0x7f]
    for (let left = number >>> 7; left > 0; left >>>= 7) groups.unshift((left & 0x7f) | 0x80)
    return groups
  })
  return element(TAG.oid, Buffer.from(bytes))
}

export type Element = { readonly tag: number; readonly whole: Buffer; readonly content: Buffer }

/** The elements that stand one after another in `bytes`. Throws on anything that is no DER. */
export function readAll(bytes: Buffer): Element[] {
  const elements: Element[] = []
  for (let position = 0; position < bytes.length; ) {
    const next = readOne(bytes, position)
    elements.push(next)
    position += next.whole.length
  }
  return elements
}

function readOne(bytes: Buffer, start: number): Element {
  const first = bytes[start + 1] ?? 0
  const extra = first < 0x80 ? 0 : first & 0x7f
  if (extra > 4 || start + 2 + extra > bytes.length) throw new Error('malformed DER')
  const length = extra === 0 ? first : bytes.readUIntBE(start + 2, extra)
  const body = start + 2 + extra
  if (body + length > bytes.length) throw new Error('malformed DER')
  return {
    tag: bytes[start] ?? 0,
    whole: bytes.subarray(start, body + length),
    content: bytes.subarray(body, body + length),
  }
}
