import { randomInt } from 'node:crypto'
import { print } from '../format.ts'
import { type FuncMap, func, variadic } from '../func.ts'
import { quoteGo } from '../quote.ts'
import { compareStrings, Dict, isNil, List, type Value } from '../value.ts'
import { stringList, toText } from './cast.ts'
import {
  abbreviate,
  camelCase,
  initials,
  separate,
  swapCase,
  title,
  untitle,
  wrap,
} from './words.ts'

/** Longer output is an accident, and would end the process instead of the start. */
const MAX_LENGTH = 64 * 1024 * 1024

/** sprig's functions on strings. */
export const strings: FuncMap = {
  hello: func([], () => 'Hello!'),
  abbrev: func(['int', 'string'], (width, text) => (width < 4 ? text : abbreviate(text, 0, width))),
  abbrevboth: func(['int', 'int', 'string'], (left, right, text) =>
    right < 4 || (left > 0 && right < 7) ? text : abbreviate(text, left, right),
  ),
  trunc: func(['int', 'string'], truncate),
  trim: func(['string'], trimSpace),
  upper: func(['string'], (text) => mapCase(text, (char) => char.toUpperCase())),
  lower: func(['string'], (text) => mapCase(text, (char) => char.toLowerCase())),
  title: func(['string'], title),
  untitle: func(['string'], untitle),
  substr: func(['int', 'int', 'string'], substring),
  repeat: func(['int', 'string'], repeat),
  trimall: func(['string', 'string'], trimAll),
  trimAll: func(['string', 'string'], trimAll),
  trimSuffix: func(['string', 'string'], (suffix, text) =>
    suffix !== '' && text.endsWith(suffix) ? text.slice(0, -suffix.length) : text,
  ),
  trimPrefix: func(['string', 'string'], (prefix, text) =>
    text.startsWith(prefix) ? text.slice(prefix.length) : text,
  ),
  nospace: func(['string'], (text) => text.replace(/\s+/gu, '')),
  initials: func(['string'], initials),
  swapcase: func(['string'], swapCase),
  shuffle: func(['string'], shuffle),
  snakecase: func(['string'], (text) => separate(text, '_')),
  kebabcase: func(['string'], (text) => separate(text, '-')),
  camelcase: func(['string'], camelCase),
  wrap: func(['int', 'string'], (width, text) => wrap(text, width, '', false)),
  wrapWith: func(['int', 'string', 'string'], (width, separator, text) =>
    wrap(text, width, separator, true),
  ),
  contains: func(['string', 'string'], (part, text) => text.includes(part)),
  hasPrefix: func(['string', 'string'], (prefix, text) => text.startsWith(prefix)),
  hasSuffix: func(['string', 'string'], (suffix, text) => text.endsWith(suffix)),
  quote: variadic([], 'any', (values) => joinPresent(values, (value) => quoteGo(toText(value)))),
  squote: variadic([], 'any', (values) => joinPresent(values, (value) => `'${print(value)}'`)),
  cat: variadic([], 'any', (values) => joinPresent(values, print)),
  indent: func(['int', 'string'], indent),
  nindent: func(['int', 'string'], (spaces, text) => `\n${indent(spaces, text)}`),
  replace: func(['string', 'string', 'string'], (old, replacement, text) =>
    replaceAll(text, old, replacement),
  ),
  plural: func(['string', 'string', 'int'], (one, many, count) => (count === 1 ? one : many)),
  toString: func(['any'], toText),
  split: func(['string', 'string'], (separator, text) => numbered(splitText(text, separator))),
  splitn: func(['string', 'int', 'string'], (separator, limit, text) =>
    numbered(splitLimited(text, separator, limit)),
  ),
  splitList: func(['string', 'string'], (separator, text) =>
    stringList(splitText(text, separator)),
  ),
  toStrings: func(['any'], (value) => stringList(toStrings(value))),
  join: func(['string', 'any'], (separator, value) => toStrings(value).join(separator)),
  sortAlpha: func(['any'], (value) =>
    stringList(value instanceof List ? toStrings(value).sort(compareStrings) : [toText(value)]),
  ),
  randAlphaNum: func(['int'], (count) => random(count, ALPHA + DIGITS)),
  randAlpha: func(['int'], (count) => random(count, ALPHA)),
  randNumeric: func(['int'], (count) => random(count, DIGITS)),
  randAscii: func(['int'], (count) => random(count, ASCII)),
}

const ALPHA = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ'
const DIGITS = '0123456789'
const ASCII = String.fromCharCode(...Array.from({ length: 95 }, (_, i) => i + 32))

function random(count: number, alphabet: string): string {
  if (count < 0 || count > MAX_LENGTH) return ''
  return Array.from({ length: count }, () => alphabet[randomInt(alphabet.length)]).join('')
}

function shuffle(text: string): string {
  const chars = [...text]
  for (let i = chars.length - 1; i > 0; i--) {
    const j = randomInt(i + 1)
    const char = chars[i] ?? ''
    chars[i] = chars[j] ?? ''
    chars[j] = char
  }
  return chars.join('')
}

/** White space as Go sees it: a byte order mark is none. */
export function trimSpace(text: string): string {
  return text.replace(/^(?:(?!\ufeff)[\s\x85])+|(?:(?!\ufeff)[\s\x85])+$/gu, '')
}

/** Go changes case character by character: one that would become several stays. */
function mapCase(text: string, change: (char: string) => string): string {
  return text.replace(/[\s\S]/gu, (char) => {
    const changed = change(char)
    return [...changed].length === 1 ? changed : char
  })
}

function truncate(count: number, text: string): string {
  const bytes = Buffer.from(text)
  if (count < 0 && bytes.length + count > 0) return bytes.subarray(bytes.length + count).toString()
  return count >= 0 && bytes.length > count ? bytes.subarray(0, count).toString() : text
}

function substring(start: number, end: number, text: string): string {
  const bytes = Buffer.from(text)
  const from = Math.max(start, 0)
  const to = start >= 0 && (end < 0 || end > bytes.length) ? bytes.length : end
  if (to > bytes.length || to < 0) {
    throw new Error(
      `runtime error: slice bounds out of range [:${to}]${to < 0 ? '' : ` with length ${bytes.length}`}`,
    )
  }
  if (to < from) throw new Error(`runtime error: slice bounds out of range [${from}:${to}]`)
  return bytes.subarray(from, to).toString()
}

function repeat(count: number, text: string): string {
  if (count < 0) throw new Error('strings: negative Repeat count')
  if (count * text.length > MAX_LENGTH) throw new Error('strings: Repeat output length overflow')
  return text.repeat(count)
}

function trimAll(cutset: string, text: string): string {
  const chars = [...text]
  const cut = new Set(cutset)
  let start = 0
  let end = chars.length
  while (start < end && cut.has(chars[start] ?? '')) start++
  while (end > start && cut.has(chars[end - 1] ?? '')) end--
  return chars.slice(start, end).join('')
}

function joinPresent(values: readonly Value[], show: (value: Value) => string): string {
  return values
    .filter((value) => !isNil(value))
    .map(show)
    .join(' ')
}

function indent(spaces: number, text: string): string {
  const margin = repeat(spaces, ' ')
  return margin + text.replaceAll('\n', `\n${margin}`)
}

/** Go also replaces the empty string, between all characters and at both ends. */
function replaceAll(text: string, old: string, replacement: string): string {
  if (old === '') return replacement + [...text].map((char) => char + replacement).join('')
  return text.split(old).join(replacement)
}

function splitText(text: string, separator: string): string[] {
  return separator === '' ? [...text] : text.split(separator)
}

function splitLimited(text: string, separator: string, limit: number): string[] {
  const parts = splitText(text, separator)
  if (limit === 0) return []
  if (limit < 0 || parts.length <= limit) return parts
  return [...parts.slice(0, limit - 1), parts.slice(limit - 1).join(separator)]
}

function numbered(parts: readonly string[]): Dict {
  return new Dict(
    parts.map((part, i) => [`_${i}`, part] as const),
    'string',
  )
}

function toStrings(value: Value): string[] {
  if (isNil(value)) return []
  if (!(value instanceof List)) return [toText(value)]
  return value.items.filter((item) => !isNil(item)).map(toText)
}
