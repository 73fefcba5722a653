import { goQuote } from '../../../../telemetry/go-quote.ts'
import { fromScript, toScript } from '../api/text.ts'
import type { Machine } from '../machine/machine.ts'
import type { Running } from '../machine/values.ts'
import { inPieces, LONGEST_PIECE } from './pieces.ts'

/** Where a directive of `string.format` puts what it prints. */
export type Field = {
  readonly flags: string
  readonly width: number
  readonly precision: number | undefined
  readonly verb: string
}

/** A text (one character a byte) as Go's `Sprintf` prints it. */
export function formattedText(text: string, field: Field): string {
  const { flags, verb, precision } = field
  switch (verb) {
    case 's':
      return padded(cut(text, precision), field)
    case 'v':
      return formattedText(text, {
        ...field,
        verb: flags.includes('#') ? 'q' : 's',
        flags: flags.replace(/[#+]/g, ''),
      })
    case 'q':
      return padded(quoted(cut(text, precision), flags), field)
    case 'x':
      return padded(hex(text.slice(0, precision), flags), field)
    case 'X':
      return padded(hex(text.slice(0, precision), flags).toUpperCase(), field)
    default:
      return `%!${verb}(string=${padded(cut(text, precision), field)})`
  }
}

/** Letters, as Go counts them: a byte that is no UTF-8 is one, too. */
const LETTER = /[\xc2-\xf4][\x80-\xbf]{1,3}|[\s\S]/g

function cut(text: string, letters: number | undefined): string {
  if (letters === undefined || text.length <= letters) return text
  const start = text.slice(0, letters * MOST_BYTES)
  return (start.match(LETTER) ?? []).slice(0, letters).join('')
}
/** Of a letter. */
const MOST_BYTES = 4

function padded(text: string, { flags, width }: Field): string {
  if (text.length >= width * MOST_BYTES) return text
  const missing = width - fromScript(text).length
  if (missing <= 0) return text
  if (flags.includes('-')) return text + ' '.repeat(missing)
  return (flags.includes('0') ? '0' : ' ').repeat(missing) + text
}

const hex = (text: string, flags: string): string =>
  text === '' || flags.includes(' ')
    ? bytesOf(text, flags)
    : (flags.includes('#') ? '0x' : '') + bytesOf(text, flags)

function bytesOf(text: string, flags: string): string {
  const bytes = Buffer.from(text, 'latin1')
  if (!flags.includes(' ')) return bytes.toString('hex')
  const mark = flags.includes('#') ? '0x' : ''
  return Array.from(bytes, (byte) => mark + byte.toString(16).padStart(2, '0')).join(' ')
}

/** Whether a text is printed in pieces: as all of it, in a form that takes its time. */
export const isLong = (text: string, { verb, precision }: Field): boolean =>
  text.length > LONGEST_PIECE && precision === undefined && 'qxX'.includes(verb)

/** Of a byte that may have to be escaped. */
const STEPS_OF_QUOTED = 8

/** The same for a long text, which is wider than any field. */
export function* longText(machine: Machine, text: string, field: Field): Running<string> {
  const { flags, verb } = field
  machine.takeText(2 * text.length)
  if (verb === 'q') {
    const quotes = yield* inPieces(machine, text, (piece) => escaped(piece, flags), STEPS_OF_QUOTED)
    return `"${quotes.join('')}"`
  }
  const separator = flags.includes(' ') ? ' ' : ''
  const mark = separator === '' && flags.includes('#') ? '0x' : ''
  const pieces = yield* inPieces(machine, text, (piece) => bytesOf(piece, flags))
  const digits = pieces.join(separator)
  return verb === 'X' ? (mark + digits).toUpperCase() : mark + digits
}

/** Go's escapes that Lua does not know. */
const FOREIGN = /\\(?:\\|x([0-9a-f]{2})|u([0-9a-f]{4})|U([0-9a-f]{8}))/g

/** In double quotes with Go's escapes; where Lua could not read one back, with Lua's `\ddd`. */
function quoted(text: string, flags: string): string {
  const isRaw = flags.includes('#') && !/[`\x00-\x08\x0a-\x1f\x7f]/.test(text)
  return isRaw ? `\`${text}\`` : `"${escaped(text, flags)}"`
}

function escaped(text: string, flags: string): string {
  const known = toScript(goQuote(text).slice(1, -1)).replace(
    FOREIGN,
    (found, byte?: string, short?: string, long?: string) => {
      if (byte !== undefined) return decimals(String.fromCharCode(Number.parseInt(byte, 16)))
      const code = short ?? long
      if (code === undefined) return found
      return decimals(toScript(String.fromCodePoint(Number.parseInt(code, 16))))
    },
  )
  return flags.includes('+') ? known.replace(/[\x80-\xff]+/g, decimals) : known
}

const decimals = (bytes: string): string =>
  Array.from(bytes, (byte) => `\\${String(byte.charCodeAt(0)).padStart(3, '0')}`).join('')
