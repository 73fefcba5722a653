import { toBytes } from './percent.ts'

/** Header values are kept as they are sent: one character a byte. This makes them of a text, as UTF-8. */
export const onWire = (text: string): string =>
  isAscii(text) ? text : toBytes(text.toWellFormed()).toString('latin1')

/** The text that a header value spells in UTF-8; bytes that are none become U+FFFD, as Go reads them. */
export const fromWire = (value: string): string =>
  isAscii(value) ? value : Buffer.from(value, 'latin1').toString()

const isAscii = (text: string): boolean => /^[\x00-\x7f]*$/.test(text)
