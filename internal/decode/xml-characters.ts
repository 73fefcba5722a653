/** A reference, whole or broken: hexadecimal, decimal, named. */
export const REFERENCE =
  /&(?:#(?:x([0-9A-Fa-f]+)|([0-9]+));|([\w:.\-\u0080-\ufffd]+);|(?:#x[0-9A-Fa-f]*|#[0-9]*|[\w:.\-\u0080-\ufffd]*);?)/g
const NAMED: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', apos: "'", quot: '"' }
/** What XML cannot hold. */
export const ILLEGAL =
  /[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/
const MAX_CODE_POINT = 0x10ffff

/** Line ends as XML means them. */
export const lineEnds = (text: string): string =>
  text.includes('\r') ? text.replace(/\r\n?/g, '\n') : text

/** The character a reference stands for; `undefined` when XML knows none. */
export function characterOf(
  hex: string | undefined,
  decimal: string | undefined,
  name: string | undefined,
): string | undefined {
  if (name !== undefined) return Object.hasOwn(NAMED, name) ? NAMED[name] : undefined
  const code = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16)
  // Go makes U+FFFD of a surrogate's number.
  if (code >= 0xd800 && code <= 0xdfff) return '\ufffd'
  return code <= MAX_CODE_POINT ? String.fromCodePoint(code) : undefined
}
