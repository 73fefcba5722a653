import type { JsonObject, JsonValue } from '../../pipe/pipe.ts'
import { asObject } from '../json.ts'
import { own } from '../put.ts'
import { parseDate } from './date.ts'
import { type Feed, person, present } from './feed.ts'

/** Reads JSON Feed 1.0 and 1.1; what has another type than it should counts as absent. */
export function jsonFeed(root: JsonObject): Feed {
  const items = objects(root, 'items')
  return {
    type: 'json',
    title: text(root, 'title'),
    description: text(root, 'description'),
    language: text(root, 'language'),
    copyright: '',
    published: items[0] === undefined ? '' : text(items[0], 'date_published'),
    updated: items[0] === undefined ? '' : text(items[0], 'date_modified'),
    author: author(root),
    categories: [],
    imageUrl: text(root, 'icon') || undefined,
    items: items.map(item),
  }
}

function item(fields: JsonObject): JsonObject {
  const published = text(fields, 'date_published')
  const updated = text(fields, 'date_modified')
  const link = text(fields, 'url')
  const image = text(fields, 'image') || text(fields, 'banner_image')
  return present({
    title: text(fields, 'title'),
    description: text(fields, 'summary'),
    content: text(fields, 'content_html') || text(fields, 'content_text'),
    link,
    links: [link, text(fields, 'external_url')].filter((url) => url !== ''),
    updated,
    updatedParsed: parseDate(updated, false),
    published,
    publishedParsed: parseDate(published, false),
    author: author(fields),
    authors: authors(fields),
    guid: text(fields, 'id'),
    image: image === '' ? undefined : { url: image },
    categories: list(own(fields, 'tags')).filter((tag) => typeof tag === 'string'),
    enclosures: objects(fields, 'attachments').map(enclosure),
  })
}

/** The length of an enclosure is the attachment's duration, as in KrakenD. */
function enclosure(attachment: JsonObject): JsonObject {
  const seconds = own(attachment, 'duration_in_seconds')
  return present({
    url: text(attachment, 'url'),
    type: text(attachment, 'mime_type'),
    length: typeof seconds === 'number' ? String(Math.trunc(seconds)) : '0',
  })
}

function author(fields: JsonObject): JsonObject | undefined {
  const known = asObject(own(fields, 'author'))
  return known === undefined ? undefined : person(text(known, 'name'))
}

function authors(fields: JsonObject): JsonObject[] {
  if (Array.isArray(own(fields, 'authors')))
    return objects(fields, 'authors').map((known) => person(text(known, 'name')))
  const one = author(fields)
  return one === undefined ? [] : [one]
}

function text(fields: JsonObject, key: string): string {
  const value = own(fields, key)
  return typeof value === 'string' ? value : ''
}

const list = (value: JsonValue | undefined): JsonValue[] => (Array.isArray(value) ? value : [])

const objects = (fields: JsonObject, key: string): JsonObject[] =>
  list(own(fields, key))
    .map(asObject)
    .filter((object) => object !== undefined)
