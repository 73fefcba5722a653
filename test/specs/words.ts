import type { JsonValue } from '../../internal/pipe/pipe.ts'

/** Placeholders and what they stand for in this run: `{users}` an upstream's address, `{gateway.port}`, `{dir}`. */
export type Words = Readonly<Record<string, string>>

const PLACEHOLDER = /\{([a-z0-9_.]+)\}/gi

export function fillText(text: string, words: Words): string {
  return text.replace(PLACEHOLDER, (all, word: string) => words[word] ?? all)
}

/** `value` with every placeholder filled in, in keys too; `{"$port": "metrics"}` becomes the number. */
export function fill(value: JsonValue, words: Words): JsonValue {
  if (typeof value === 'string') return fillText(value, words)
  if (Array.isArray(value)) return value.map((item) => fill(item, words))
  if (value === null || typeof value !== 'object') return value
  const entries = Object.entries(value)
  const [only] = entries
  if (entries.length === 1 && only?.[0] === '$port' && typeof only[1] === 'string')
    return Number(words[`${only[1]}.port`])
  return Object.fromEntries(entries.map(([key, item]) => [fillText(key, words), fill(item, words)]))
}

/** The other way: addresses of this run become their placeholders, so that they compare with a recording. */
export function unfill(text: string, words: Words): string {
  return Object.entries(words)
    .filter(([word]) => !word.endsWith('.port'))
    .reduce(
      (done, [word, value]) =>
        done
          .replaceAll(value, `{${word}}`)
          .replaceAll(value.replace('http://', ''), `{${word}.host}`),
      text,
    )
}
