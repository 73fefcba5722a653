import { BadEscape, decodePercent, encodeQueryPart } from './percent.ts'
import type { QueryList } from './pipe.ts'

const NOTHING: QueryList = Object.freeze([])

/**
 * The parameters of a raw query in the order they came: Go's `url.ParseQuery` as `URL.Query` uses it. Pairs
 * with a `;` or a broken escape are left out, the others stay; a name without `=` has an empty value.
 */
export function parseQuery(rawQuery: string): QueryList {
  if (rawQuery === '') return NOTHING
  const list: string[] = []
  for (const pair of rawQuery.split('&')) {
    if (pair === '' || pair.includes(';')) continue
    const equals = pair.indexOf('=')
    const name = decodePercent(equals < 0 ? pair : pair.slice(0, equals), true)
    const value = decodePercent(equals < 0 ? '' : pair.slice(equals + 1), true)
    if (!(name instanceof BadEscape) && !(value instanceof BadEscape)) list.push(name, value)
  }
  return list
}

/** The list as a query: sorted by name, values of one name in their order (Go's `url.Values.Encode`). */
export function encodeQuery(list: QueryList): string {
  if (list.length === 0) return ''
  if (list.length === 2) return encodePair(list[0] as string, list[1] as string)
  const pairs: (readonly [string, string])[] = []
  for (let at = 0; at < list.length; at += 2)
    pairs.push([list[at] as string, list[at + 1] as string])
  // The sort is stable, so values of one name keep their order.
  pairs.sort(([one], [other]) => compareBytes(one, other))
  return pairs.map(([name, value]) => encodePair(name, value)).join('&')
}

const encodePair = (name: string, value: string): string =>
  `${encodeQueryPart(name)}=${encodeQueryPart(value)}`

/** Order by code point, which is the order of the UTF-8 bytes. */
function compareBytes(one: string, other: string): number {
  if (one === other) return 0
  const length = Math.min(one.length, other.length)
  for (let at = 0; at < length; at++) {
    if (one.charCodeAt(at) === other.charCodeAt(at)) continue
    return (one.codePointAt(at) as number) - (other.codePointAt(at) as number)
  }
  return one.length - other.length
}
