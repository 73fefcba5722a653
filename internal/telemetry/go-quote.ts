import { isUtf8 } from 'node:buffer'

/** Nothing in it needs an escape: what nearly every text looks like. */
const PLAIN = /^[ !#-[\]-~]*$/
const PRINTABLE = /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]$/u
const SHORT: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '\u0007': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
}

/**
 * Bytes (as a latin1 string, the way node:http hands over a request line) in double quotes with Go's escapes
 * (`%q`): one line, whatever a client sent. Bytes that are no UTF-8 show as `\xff`.
 */
export function goQuote(latin1: string): string {
  if (PLAIN.test(latin1)) return `"${latin1}"`
  const bytes = Buffer.from(latin1, 'latin1')
  return `"${isUtf8(bytes) ? quoted(bytes.toString()) : quotedBytes(bytes)}"`
}

function quoted(text: string): string {
  return Array.from(text, escaped).join('')
}

function quotedBytes(bytes: Buffer): string {
  let text = ''
  for (let at = 0; at < bytes.length; ) {
    const length = [1, 2, 3, 4].find((each) => isUtf8(bytes.subarray(at, at + each)))
    if (length === undefined) text += `\\x${hex(bytes[at] ?? 0, 2)}`
    else text += quoted(bytes.toString('utf8', at, at + length))
    at += length ?? 1
  }
  return text
}

function escaped(character: string): string {
  const short = SHORT[character]
  if (short !== undefined) return short
  if (PRINTABLE.test(character)) return character
  const code = character.codePointAt(0) ?? 0
  if (code < 0x80) return `\\x${hex(code, 2)}`
  return code > 0xffff ? `\\U${hex(code, 8)}` : `\\u${hex(code, 4)}`
}

const hex = (code: number, digits: number): string => code.toString(16).padStart(digits, '0')
