import { isAscii, isUtf8 } from 'node:buffer'
import { GatewayError } from '../errors.ts'
import type { JsonObject, JsonSource, JsonValue } from '../pipe/pipe.ts'
import type { Decode, DecodeOptions } from './decode.ts'
import { goText } from './go-text.ts'
import { isTooDeep, scanJson } from './json-scan.ts'
import { hasChangedNumber, hasRespelledNumber, isRawNumber, parseExactly } from './numbers.ts'

type Parsed = {
  readonly value: JsonValue
  /** Set where the bytes are valid UTF-8 and hold this value and nothing else. */
  readonly exact: JsonSource['text'] | undefined
  /** Nothing but white space follows it. */
  readonly isAlone: boolean
}
/** A text is sent faster than bytes while it is short. */
const SHORT_BYTES = 2048

const WHITE_SPACE = new Set(Buffer.from(' \t\r\n'))

/** Reads one JSON value as Go's decoder does: what follows it is ignored. */
export function parseJson(options: DecodeOptions): (bytes: Buffer) => Parsed {
  const mustKeep = options.exactSpelling ? hasRespelledNumber : hasChangedNumber
  const mayPass = options.bytesSuffice === true && !options.exactSpelling
  return function parse(bytes) {
    const isPlain = isAscii(bytes)
    const isValid = isPlain || isUtf8(bytes)
    const text = isPlain ? bytes.toString('latin1') : isValid ? bytes.toString() : goText(bytes)
    if (isTooDeep(bytes)) return parseFirst(bytes, mustKeep)
    let value: JsonValue
    try {
      value = JSON.parse(text)
    } catch {
      // Either not JSON, in which case the scan words the error, or a value with something behind it.
      return parseFirst(bytes, mustKeep)
    }
    const whole = isPlain && bytes.length <= SHORT_BYTES ? text : bytes
    const exact = isValid ? whole : undefined
    if ((isValid && mayPass) || !mustKeep(text)) return { value, exact, isAlone: true }
    return { value: parseExactly(text, options.exactSpelling), exact, isAlone: true }
  }

  function parseFirst(bytes: Buffer, mustKeepNumbers: (text: string) => boolean): Parsed {
    const scanned = scanJson(bytes)
    if (typeof scanned === 'string') throw new GatewayError('decode', { message: scanned })
    const text = goText(bytes.subarray(0, scanned))
    const value: JsonValue = mustKeepNumbers(text)
      ? parseExactly(text, options.exactSpelling)
      : JSON.parse(text)
    const isAlone = bytes.subarray(scanned).every((byte) => WHITE_SPACE.has(byte))
    return { value, exact: undefined, isAlone }
  }
}

/** An object answer; `null` stays `null`, anything else is an error. */
export function decodeObject(options: DecodeOptions): Decode {
  const parse = parseJson(options)
  return function decodeJsonObject(bytes) {
    const { value, exact } = parse(bytes)
    if (value === null) return { data: null, sources: [] }
    const object = asObject(value)
    if (object === undefined) throw wrongKind(value, 'map[string]interface {}')
    return { data: object, sources: sourcesOf(object, exact) }
  }
}

/** An object and nothing behind it, as Go's `json.Unmarshal` reads one; `null` stays `null`. */
export function wholeObject(bytes: Buffer): JsonObject | null {
  const { value, isAlone } = parseWhole(bytes)
  if (!isAlone)
    throw new GatewayError('decode', { message: 'invalid character after top-level value' })
  if (value === null) return null
  const object = asObject(value)
  if (object === undefined) throw wrongKind(value, 'map[string]interface {}')
  return object
}

const parseWhole = parseJson({ exactSpelling: false })

/** A list answer, found under `collection` from here on. */
export function decodeCollection(options: DecodeOptions): Decode {
  const parse = parseJson(options)
  return function decodeJsonCollection(bytes) {
    const { value, exact } = parse(bytes)
    if (value !== null && !Array.isArray(value)) throw wrongKind(value, '[]interface {}')
    return { data: { collection: value }, sources: sourcesOf(value, exact) }
  }
}

/** What a response says of a value whose exact text there is. */
export const sourcesOf = (
  value: JsonSource['value'] | null,
  exact: JsonSource['text'] | undefined,
): readonly JsonSource[] => (exact === undefined || value === null ? [] : [{ value, text: exact }])

/** `value` if it is an object, and neither a list nor a number kept as text. */
export function asObject(value: JsonValue | undefined): JsonObject | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !isRawNumber(value)
    ? value
    : undefined
}

function wrongKind(value: JsonValue, goType: string): GatewayError {
  const message = `json: cannot unmarshal ${goKind(value)} into Go value of type ${goType}`
  return new GatewayError('decode', { message })
}

function goKind(value: JsonValue): string {
  if (Array.isArray(value)) return 'array'
  if (typeof value === 'boolean') return 'bool'
  if (typeof value === 'object') return isRawNumber(value) ? 'number' : 'object'
  return typeof value
}
