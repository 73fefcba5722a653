import type { NumberOperand } from './nodes.ts'

const ESCAPES: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '\\': '\\',
}

const ESCAPE = /\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-7]{3})|([\s\S]?))/g

/** The value of a Go string literal with its quotes; `undefined` where Go says "invalid syntax". */
export function unquote(literal: string): string | undefined {
  const quote = literal[0]
  const body = literal.slice(1, -1)
  if (quote === '`') return body.replaceAll('\r', '')
  let isValid = true
  // Neighbouring \x.. and \ooo escapes are bytes of one UTF-8 text: decode each run of them as a whole.
  const value = body.replace(
    /(?:\\(?:x[0-9a-fA-F]{2}|[0-7]{3}))+|\\(?:u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|[\s\S]?)/g,
    (sequence) => {
      if (/^\\[x0-7]/.test(sequence) && sequence.length >= 4) return bytesOf(sequence)
      const code = /^\\[uU]([0-9a-fA-F]+)$/.exec(sequence)?.[1]
      if (code !== undefined) {
        const point = Number.parseInt(code, 16)
        if (point <= 0x10ffff && (point < 0xd800 || point > 0xdfff)) {
          return String.fromCodePoint(point)
        }
      }
      const char = sequence[1] ?? ''
      const plain = Object.hasOwn(ESCAPES, char) ? ESCAPES[char] : char === quote ? char : undefined
      if (plain === undefined) isValid = false
      return plain ?? ''
    },
  )
  return isValid ? value : undefined
}

function bytesOf(run: string): string {
  const bytes: number[] = []
  for (const [, hex, , , octal] of run.matchAll(ESCAPE)) {
    bytes.push(
      hex === undefined ? Number.parseInt(octal ?? '0', 8) & 0xff : Number.parseInt(hex, 16),
    )
  }
  return Buffer.from(bytes).toString()
}

const INT64_MAX = 2n ** 63n - 1n
const DECIMAL = /^[+-]?(?:\d[\d_]*)?(?:\.[\d_]*)?(?:[eE][+-]?\d+)?$/

/** Reads a number literal (decimal, hexadecimal, octal, binary, with underscores); `undefined` if it is none. */
export function parseNumber(text: string, offset: number): NumberOperand | undefined {
  const sign = text.startsWith('-') ? -1n : 1n
  const digits = text.replace(/^[+-]/, '')
  const whole = /__|_$/.test(digits) ? undefined : parseWhole(digits)
  if (whole !== undefined) {
    const int = sign * whole
    return { kind: 'number', offset, text, int, float: Number(int), isIdealFloat: false }
  }
  // A leading zero makes an octal number, and underscores stand between digits.
  if (/^0\d+$/.test(digits) || /__|_$/.test(digits)) return undefined
  if (!DECIMAL.test(text) || !/\d/.test(digits)) return undefined
  const float = Number(text.replaceAll('_', ''))
  if (!Number.isFinite(float)) return undefined
  const isWhole = Number.isInteger(float) && Math.abs(float) <= Number(INT64_MAX)
  const int = isWhole ? BigInt(float) : undefined
  return { kind: 'number', offset, text, int, float, isIdealFloat: true }
}

function parseWhole(digits: string): bigint | undefined {
  const plain = digits.replaceAll('_', '')
  if (/^0[xX][0-9a-fA-F]+$|^0[bB][01]+$|^0[oO][0-7]+$/.test(plain))
    return BigInt(plain.toLowerCase())
  if (/^0[0-7]+$/.test(plain)) return BigInt(`0o${plain.slice(1)}`)
  return /^(?:0|[1-9]\d*)$/.test(plain) ? BigInt(plain) : undefined
}

/** A character constant such as 'a' is the number of its code point. */
export function parseCharacter(text: string, offset: number): NumberOperand | undefined {
  const value = unquote(text)
  if (value === undefined || [...value].length !== 1) return undefined
  const code = value.codePointAt(0) ?? 0
  return { kind: 'number', offset, text, int: BigInt(code), float: code, isIdealFloat: false }
}
