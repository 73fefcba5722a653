import type { JsonObject, JsonValue } from '../../pipe/pipe.ts'
import { put } from '../put.ts'

/** What every kind of feed is turned into: the fields of KrakenD's answer. */
export type Feed = {
  readonly type: 'rss' | 'atom' | 'json'
  readonly title: string
  readonly description: string
  readonly language: string
  readonly copyright: string
  readonly published: string
  readonly updated: string
  readonly author: JsonObject | undefined
  readonly categories: readonly string[]
  readonly imageUrl: string | undefined
  readonly items: readonly JsonObject[]
}

/** The feed as data, with the keys KrakenD gives it. */
export function feedData(feed: Feed): JsonObject {
  return {
    author: feed.author ?? null,
    categories: feed.categories.length === 0 ? null : [...feed.categories],
    copyright: feed.copyright,
    custom: null,
    description: feed.description,
    items: [...feed.items],
    language: feed.language,
    published: feed.published,
    title: feed.title,
    type: feed.type,
    updated: feed.updated,
    ...(feed.imageUrl === undefined ? {} : { img_url: feed.imageUrl }),
  }
}

/** Fields that have something to say: without absent and empty texts, and empty lists. */
export function present(fields: Readonly<Record<string, JsonValue | undefined>>): JsonObject {
  const result: JsonObject = {}
  for (const [key, value] of Object.entries(fields)) {
    const isEmpty = value === '' || (Array.isArray(value) && value.length === 0)
    if (value !== undefined && !isEmpty) put(result, key, value)
  }
  return result
}

/** Longer texts are a name: no pattern looks at them. */
const MAX_PERSON = 320

/** `jane@example.com (Jane)`, `Jane (jane@example.com)`, a name, or an address. */
export function person(text: string): JsonObject {
  if (text.length > MAX_PERSON) return { name: text }
  const emailFirst = /^([^@]+@[^\s]+)\s+\(([^@]+)\)$/.exec(text)
  if (emailFirst !== null) return present({ name: emailFirst[2], email: emailFirst[1] })
  const nameFirst = /^([^@]+)\s+\(([^@]+@[^)]+)\)$/.exec(text)
  if (nameFirst !== null) return present({ name: nameFirst[1], email: nameFirst[2] })
  if (/^[^@()]+$/.test(text)) return { name: text }
  return /^[^@()]+@[^@()]+$/.test(text) ? { email: text } : {}
}
