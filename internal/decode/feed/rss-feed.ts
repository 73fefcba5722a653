import type { JsonObject } from '../../pipe/pipe.ts'
import { put } from '../put.ts'
import { parseDate } from './date.ts'
import { attribute, type Element } from './element.ts'
import {
  dublinCore,
  dublinCoreData,
  extensionsOf,
  itunes,
  itunesCategories,
  itunesData,
} from './extensions.ts'
import { type Feed, person, present } from './feed.ts'
import { plainText } from './text.ts'

/** Reads RSS 0.9x, 2.0 and RSS 1.0 (RDF, where items stand beside the channel). */
export function rssFeed(root: Element): Feed {
  const channel = root.children.findLast((child) => isOwn(child, 'channel'))
  const fields = channel?.children ?? []
  const text = textOf(fields)
  const dc = dublinCore(fields)
  const image =
    root.children.findLast((child) => isOwn(child, 'image')) ??
    fields.findLast((child) => isOwn(child, 'image'))
  const imageUrl = image === undefined ? undefined : textOf(image.children)('url')
  const keywords = itunes(fields, 'keywords')
  return {
    type: 'rss',
    title: text('title') || first(dc('title')),
    description: text('description'),
    language: text('language') || first(dc('language')),
    copyright: text('copyright') || first(dc('rights')),
    published: text('pubdate'),
    updated: text('lastbuilddate') || first(dc('date')),
    author: author(fields, text('managingeditor') || text('webmaster')),
    categories: [
      ...fields.filter((child) => isOwn(child, 'category')).map(plainText),
      ...(keywords === '' ? [] : keywords.split(',')),
      ...itunesCategories(fields),
      ...dc('subject'),
    ],
    imageUrl: imageUrl ?? (itunes(fields, 'image') || undefined),
    items: [...fields, ...root.children].filter((child) => isOwn(child, 'item')).map(item),
  }
}

const isOwn = (element: Element, lowerName: string): boolean =>
  element.lowerName === lowerName && element.extension === ''

/** The text of the last element of a name. */
const textOf =
  (children: readonly Element[]) =>
  (lowerName: string): string => {
    const element = children.findLast((child) => isOwn(child, lowerName))
    return element === undefined ? '' : plainText(element)
  }

const first = (texts: readonly string[]): string => texts[0] ?? ''

function author(children: readonly Element[], named: string): JsonObject | undefined {
  const dc = dublinCore(children)
  const known = [dc('author'), dc('creator')].find((names) => names.length > 0)
  const text = named || (known === undefined ? itunes(children, 'author') : first(known))
  return text === '' && known === undefined ? undefined : person(text)
}

/** Elements of an item that have a place of their own; others become `custom`. */
const KNOWN = new Set(
  'title description encoded link author comments pubdate source enclosure guid category'.split(
    ' ',
  ),
)

function item({ children }: Element): JsonObject {
  const text = textOf(children)
  const dc = dublinCore(children)
  const date = first(dc('date'))
  const links = children.filter((child) => isOwn(child, 'link')).map(linkOf)
  const writer = author(children, text('author'))
  const image = itunes(children, 'image')
  const keywords = itunes(children, 'keywords')
  return present({
    title: text('title') || first(dc('title')),
    description: text('description') || first(dc('description')),
    content: text('encoded'),
    link: links.at(-1),
    links,
    published: text('pubdate') || date,
    publishedParsed: parseDate(text('pubdate'), true) ?? parseDate(date, false),
    author: writer,
    authors: writer === undefined ? [] : [writer],
    guid: text('guid'),
    image: image === '' ? undefined : { url: image },
    categories: [
      ...children.filter((child) => isOwn(child, 'category')).map(plainText),
      ...(keywords === '' ? [] : keywords.split(',')),
      ...dc('subject'),
    ],
    enclosures: children.filter((child) => isOwn(child, 'enclosure')).map(enclosure),
    dcExt: dublinCoreData(children),
    itunesExt: itunesData(children),
    extensions: extensionsOf(children),
    custom: customOf(children),
  })
}

const linkOf = (element: Element): string => plainText(element) || attribute(element, 'href')

const enclosure = (element: Element): JsonObject =>
  present({
    url: attribute(element, 'url'),
    length: attribute(element, 'length'),
    type: attribute(element, 'type'),
  })

function customOf(children: readonly Element[]): JsonObject | undefined {
  const unknown = children.filter((child) => child.extension === '' && !KNOWN.has(child.lowerName))
  if (unknown.length === 0) return undefined
  const custom: JsonObject = {}
  for (const child of unknown) put(custom, child.name, plainText(child))
  return custom
}
