import type { HeaderList } from './pipe.ts'

const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/
/** Header names seen lately, so that each is canonicalised once. Bounded: names come from outside. */
const KNOWN_LIMIT = 2048
const known = new Map<string, string>()

/**
 * A header name as Go writes it (`textproto.CanonicalMIMEHeaderKey`): capitals at the start and after
 * each `-`, small letters elsewhere. A name with other characters than a token's stays as it is.
 */
export function canonicalHeader(name: string): string {
  const found = known.get(name)
  if (found !== undefined) return found
  const canonical = TOKEN.test(name)
    ? name
        .toLowerCase()
        .replace(
          /(^|-)([a-z])/g,
          (_all, dash: string, letter: string) => dash + letter.toUpperCase(),
        )
    : name
  if (known.size < KNOWN_LIMIT) known.set(name, canonical)
  return canonical
}

const isSameName = (name: string, lowerName: string): boolean =>
  name.length === lowerName.length && (name === lowerName || name.toLowerCase() === lowerName)

/** The first value of `lowerName` (written in small letters), or `undefined`. */
export function headerValue(headers: HeaderList, lowerName: string): string | undefined {
  for (let at = 0; at < headers.length; at += 2)
    if (isSameName(headers[at] as string, lowerName)) return headers[at + 1]
  return undefined
}

/** All values of `lowerName` (written in small letters), in order. */
export function headerValues(headers: HeaderList, lowerName: string): string[] {
  const values: string[] = []
  for (let at = 0; at < headers.length; at += 2)
    if (isSameName(headers[at] as string, lowerName)) values.push(headers[at + 1] as string)
  return values
}

/** The list without `lowerName` (written in small letters). */
export function withoutHeader(headers: HeaderList, lowerName: string): string[] {
  const kept: string[] = []
  for (let at = 0; at < headers.length; at += 2)
    if (!isSameName(headers[at] as string, lowerName))
      kept.push(headers[at] as string, headers[at + 1] as string)
  return kept
}

/** The list with exactly these values for `name`, at its end. */
export function withHeader(
  headers: HeaderList,
  name: string,
  ...values: readonly string[]
): string[] {
  const canonical = canonicalHeader(name)
  return [
    ...withoutHeader(headers, name.toLowerCase()),
    ...values.flatMap((value) => [canonical, value]),
  ]
}
