import { isRawNumber } from '../decode/numbers.ts'
import { GatewayError } from '../errors.ts'
import type { DataResponse, JsonObject, JsonValue } from '../pipe/pipe.ts'
import type { Encoded } from './encode.ts'
import { byBytes, toParam } from './to-param.ts'
import { withinStack } from './within-stack.ts'

const ROOT = 'doc'
const TEXT = '#text'
const ATTRIBUTE = '-'

/**
 * The data as XML, keys in order: `-k` is an attribute, `#text` the text, a list repeats its element. A single
 * key is the root element, other data stands in `<doc>`.
 */
export function xml(response: DataResponse | undefined): Encoded {
  if (response === undefined) return { contentType: 'application/xml; charset=utf-8', body: '' }
  return {
    contentType: 'application/xml',
    body: withinStack(() => documentOf(response.data ?? {})),
  }
}

function documentOf(data: JsonObject): string {
  const [only, second] = Object.entries(data)
  if (only === undefined || second !== undefined) return element(ROOT, data)
  const [name, value] = only
  // A list of texts or numbers would leave its values without a common root.
  const needsRoot = Array.isArray(value) && !value.every(isObject)
  return needsRoot ? element(ROOT, data) : element(name, value)
}

function element(key: string, value: JsonValue): string {
  const name = nameOf(key)
  if (Array.isArray(value))
    return value.length === 0 ? `<${name}/>` : value.map((item) => element(key, item)).join('')
  if (isObject(value)) return elementOfFields(name, value)
  const text = value === null ? '' : escaped(toParam(value))
  return text === '' ? `<${name}/>` : `<${name}>${text}</${name}>`
}

function elementOfFields(name: string, fields: JsonObject): string {
  const keys = Object.keys(fields).sort(byBytes)
  const isAttribute = (key: string): boolean => key.length > 1 && key.startsWith(ATTRIBUTE)
  const attributes = keys.filter(isAttribute)
  const start = name + attributes.map((key) => attribute(key, fields[key] ?? null)).join('')
  if (attributes.length === keys.length) return `<${start}/>`
  const text = Object.hasOwn(fields, TEXT) ? escaped(toParam(fields[TEXT] ?? null)) : ''
  const inner = keys
    .filter((key) => key !== TEXT && !isAttribute(key))
    .map((key) => element(key, fields[key] ?? null))
  return `<${start}>${text}${inner.join('')}</${name}>`
}

function attribute(key: string, value: JsonValue): string {
  if (value === null || Array.isArray(value) || isObject(value))
    throw new GatewayError('internal', { message: `invalid attribute value for: ${key}` })
  return ` ${nameOf(key.slice(ATTRIBUTE.length))}="${escaped(toParam(value))}"`
}

const isObject = (value: JsonValue): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !isRawNumber(value)

const PLAIN_NAME = /^[A-Za-z_][\w.-]*$/
const NAME = /^[\p{L}_][\p{L}\p{M}\p{N}_.:-]*$/u

/** A key as the name of an element: what a name may not hold becomes `_`, so that readers can parse the answer. */
function nameOf(key: string): string {
  if (PLAIN_NAME.test(key) || NAME.test(key)) return key
  const clean = key.replace(/[^\p{L}\p{M}\p{N}_.:-]/gu, '_')
  return NAME.test(clean) ? clean : `_${clean}`
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  "'": '&apos;',
  '"': '&quot;',
}

/** Characters that XML cannot hold, even escaped, become U+FFFD. */
const escaped = (text: string): string =>
  /[&<>'"\0-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]/.test(text)
    ? text
        .toWellFormed()
        .replace(/[&<>'"]/g, (character) => ENTITIES[character] ?? '')
        .replace(/[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/g, '\ufffd')
    : text
