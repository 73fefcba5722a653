import { nonFinite } from './go-float.ts'
import { formatRfc3339 } from './go-time.ts'
import { quoteGo } from './quote.ts'
import { Dict, Int, isNil, List, Struct, sortedKeys, Time, typeOf, type Value } from './value.ts'

/** Text that Go's encoding/json refuses; the message is Go's, `offset` where it happened. */
export class JsonError extends Error {
  override readonly name = 'JsonError'
  readonly offset: number

  constructor(message: string, offset: number) {
    super(message)
    this.offset = offset
  }
}

/** Go gives up at this depth. */
const MAX_DEPTH = 10_000

const NUMBER_PARTS = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y

/** json.Unmarshal into an interface{}: numbers are float64, the last of equal keys wins. */
export function parseJson(text: string): Value {
  const reader = new JsonReader(text)
  const value = reader.value('looking for beginning of value', 0)
  reader.expectEnd()
  return value
}

class JsonReader {
  readonly #text: string
  #position = 0

  constructor(text: string) {
    this.#text = text
  }

  value(context: string, depth: number): Value {
    if (depth > MAX_DEPTH) throw new JsonError('exceeded max depth', this.#position)
    const char = this.#skipSpace()
    if (char === '{') return this.#object(depth)
    if (char === '[') return this.#array(depth)
    if (char === '"') return this.#string()
    if (char === 't') return this.#literal('true', true)
    if (char === 'f') return this.#literal('false', false)
    if (char === 'n') return this.#literal('null', null)
    if (char === '-' || (char !== undefined && char >= '0' && char <= '9')) return this.#number()
    return this.#invalid(context)
  }

  expectEnd(): void {
    if (this.#skipSpace() !== undefined) this.#invalid('after top-level value')
  }

  #skipSpace(): string | undefined {
    while (' \t\r\n'.includes(this.#text[this.#position] ?? 'x')) this.#position++
    return this.#text[this.#position]
  }

  #invalid(context: string): never {
    // Go feeds a space at the end of its input, which is wrong only inside of a token.
    const isInToken = /^(?:in (?!string literal)|after decimal)/.test(context)
    const code = this.#text.codePointAt(this.#position) ?? (isInToken ? 0x20 : undefined)
    if (code === undefined) throw new JsonError('unexpected end of JSON input', this.#position)
    throw new JsonError(`invalid character ${quoteByte(code)} ${context}`, this.#position)
  }

  #object(depth: number): Dict {
    this.#position++
    const dict = new Dict()
    if (this.#skipSpace() === '}') {
      this.#position++
      return dict
    }
    for (;;) {
      if (this.#skipSpace() !== '"') this.#invalid('looking for beginning of object key string')
      const key = this.#string()
      if (this.#skipSpace() !== ':') this.#invalid('after object key')
      this.#position++
      dict.entries.set(key, this.value('looking for beginning of value', depth + 1))
      const next = this.#skipSpace()
      if (next !== ',' && next !== '}') this.#invalid('after object key:value pair')
      this.#position++
      if (next === '}') return dict
    }
  }

  #array(depth: number): List {
    this.#position++
    const items: Value[] = []
    if (this.#skipSpace() === ']') {
      this.#position++
      return new List(items)
    }
    for (;;) {
      items.push(this.value('looking for beginning of value', depth + 1))
      const next = this.#skipSpace()
      if (next !== ',' && next !== ']') this.#invalid('after array element')
      this.#position++
      if (next === ']') return new List(items)
    }
  }

  #literal<T extends Value>(word: string, value: T): T {
    for (const expected of word) {
      if (this.#text[this.#position] !== expected) {
        this.#invalid(`in literal ${word} (expecting ${quoteGo(expected, "'")})`)
      }
      this.#position++
    }
    return value
  }

  #string(): string {
    const start = this.#position
    for (this.#position++; this.#text[this.#position] !== '"'; this.#position++) {
      const char = this.#text[this.#position]
      if (char === undefined || char < ' ') this.#invalid('in string literal')
      if (char === '\\') this.#escape()
    }
    this.#position++
    return String(JSON.parse(this.#text.slice(start, this.#position))).toWellFormed()
  }

  #escape(): void {
    this.#position++
    const char = this.#text[this.#position]
    if (char === 'u') {
      for (let i = 0; i < 4; i++) {
        this.#position++
        if (!/[0-9a-fA-F]/.test(this.#text[this.#position] ?? '')) {
          this.#invalid('in \\u hexadecimal character escape')
        }
      }
    } else if (char === undefined || !'"\\/bfnrt'.includes(char)) {
      this.#invalid('in string escape code')
    }
  }

  #number(): number {
    NUMBER_PARTS.lastIndex = this.#position
    const start = this.#position
    const text = NUMBER_PARTS.exec(this.#text)?.[0] ?? ''
    this.#position += text.length
    const next = this.#text[this.#position]
    if (text === '') {
      this.#position++
      this.#invalid('in numeric literal')
    }
    if (next === '.' && !text.includes('.') && !/[eE]/.test(text)) {
      this.#position++
      this.#invalid('after decimal point in numeric literal')
    }
    if ((next === 'e' || next === 'E') && !/[eE]/.test(text)) {
      this.#position += /[+-]/.test(this.#text[this.#position + 1] ?? '') ? 2 : 1
      this.#invalid('in exponent of numeric literal')
    }
    const value = Number(text)
    if (!Number.isFinite(value)) {
      throw new JsonError(
        `json: cannot unmarshal number ${text} into Go value of type float64`,
        start,
      )
    }
    return value
  }
}

/** How Go's json errors show a character; it looks at single bytes. */
function quoteByte(code: number): string {
  const [byte = 0] = Buffer.from(String.fromCodePoint(code))
  if (byte === 0x27) return `'\\''`
  if (byte === 0x22) return `'"'`
  return quoteGo(String.fromCodePoint(byte), "'")
}

/** json.Marshal: sorted keys; `<`, `>`, `&`, U+2028 and U+2029 are escaped unless `escapeHtml` is false. */
export function marshalJson(
  value: Value,
  options: { indent?: string; escapeHtml?: boolean } = {},
): string {
  return write(value, { indent: options.indent, escapeHtml: options.escapeHtml ?? true }, '')
}

type Style = { readonly indent: string | undefined; readonly escapeHtml: boolean }

function write(value: Value, style: Style, margin: string): string {
  if (isNil(value)) return 'null'
  if (typeof value === 'boolean') return String(value)
  if (typeof value === 'number') return writeNumber(value)
  if (typeof value === 'string') return writeString(value, style)
  if (value instanceof Int) return String(value.value)
  if (value instanceof Time) return writeString(formatRfc3339(value), style)
  if (value instanceof List) {
    if (value.isNilSlice) return 'null'
    return wrap(
      '[',
      ']',
      value.items.map((item) => ['', item] as const),
      style,
      margin,
    )
  }
  if (value instanceof Struct) {
    if (value.text !== undefined) return writeString(value.text, style)
    const fields = [...value.fields].map(([key, field]) => [member(key, style), field] as const)
    return wrap('{', '}', fields, style, margin)
  }
  const members = sortedKeys(value).map(
    (key) => [member(key, style), value.entries.get(key)] as const,
  )
  return wrap('{', '}', members, style, margin)
}

function member(key: string, style: Style): string {
  return `${writeString(key, style)}:${style.indent === undefined ? '' : ' '}`
}

function wrap(
  open: string,
  close: string,
  parts: readonly (readonly [prefix: string, value: Value])[],
  style: Style,
  margin: string,
): string {
  if (parts.length === 0) return open + close
  const inner = margin + (style.indent ?? '')
  const [before, after] = style.indent === undefined ? ['', ''] : [`\n${inner}`, `\n${margin}`]
  const texts = parts.map(([prefix, value]) => before + prefix + write(value, style, inner))
  return open + texts.join(',') + after + close
}

function writeNumber(value: number): string {
  const special = nonFinite(value)
  if (special !== undefined) throw new Error(`json: unsupported value: ${special}`)
  // Both switch to an exponent below 1e-6 and from 1e21 on, and write it alike.
  return Object.is(value, -0) ? '-0' : String(value)
}

const ESCAPED: Readonly<Record<string, string>> = {
  '<': '\\u003c',
  '>': '\\u003e',
  '&': '\\u0026',
}

function writeString(text: string, style: Style): string {
  const quoted = JSON.stringify(text.toWellFormed())
    .replaceAll('\u2028', '\\u2028')
    .replaceAll('\u2029', '\\u2029')
  return style.escapeHtml ? quoted.replace(/[<>&]/g, (char) => ESCAPED[char] ?? char) : quoted
}

/** json.Unmarshal into a map[string]interface{}, as settings files need it; `null` is an empty map. */
export function parseJsonObject(text: string): Dict {
  const value = parseJson(text)
  if (value === null) return new Dict()
  if (value instanceof Dict) return value
  const type =
    typeof value === 'number' ? 'number' : value instanceof List ? 'array' : typeOf(value)
  throw new JsonError(
    `json: cannot unmarshal ${type} into Go value of type map[string]interface {}`,
    0,
  )
}
