import { decodePercent, toBytes } from '../../../../pipe/percent.ts'

const BEYOND_ASCII = /[^\x00-\x7f]/

/** A text as scripts have it: one character a byte of its UTF-8. */
export const toScript = (text: string): string =>
  BEYOND_ASCII.test(text) ? toBytes(text).toString('latin1') : text

/** A text of a script; bytes that are no UTF-8 become U+FFFD, as in Go's JSON. */
export const fromScript = (text: string): string =>
  BEYOND_ASCII.test(text) ? Buffer.from(text, 'latin1').toString('utf8') : text

/** A text of a script for a URL, where bytes that are no UTF-8 are kept. */
export function urlText(text: string): string {
  if (!BEYOND_ASCII.test(text)) return text
  // Only its percent signs could be a bad escape, and they are escaped.
  return String(decodePercent(text.replaceAll('%', '%25')))
}
