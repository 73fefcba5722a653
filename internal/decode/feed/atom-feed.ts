import type { JsonObject } from '../../pipe/pipe.ts'
import { parseDate } from './date.ts'
import { attribute, type Element } from './element.ts'
import { extensionsOf } from './extensions.ts'
import { type Feed, present } from './feed.ts'
import { atomText } from './text.ts'

/** Reads Atom 1.0 and 0.3. */
export function atomFeed(root: Element): Feed {
  const { children } = root
  return {
    type: 'atom',
    title: textOf(children, 'title'),
    description: textOf(children, 'subtitle', 'tagline'),
    language: attribute(root, 'lang'),
    copyright: textOf(children, 'rights', 'copyright'),
    published: '',
    updated: textOf(children, 'updated', 'modified'),
    author: people(children)[0],
    categories: all(children, 'category').map((category) => attribute(category, 'term')),
    imageUrl: textOf(children, 'logo') || undefined,
    items: all(children, 'entry').map(entry),
  }
}

const all = (children: readonly Element[], ...lowerNames: readonly string[]): Element[] =>
  children.filter((child) => child.extension === '' && lowerNames.includes(child.lowerName))

/** The text of the last element of these names. */
function textOf(children: readonly Element[], ...lowerNames: readonly string[]): string {
  const element = all(children, ...lowerNames).at(-1)
  return element === undefined ? '' : atomText(element)
}

const people = (children: readonly Element[]): JsonObject[] =>
  all(children, 'author').map((author) =>
    present({ name: textOf(author.children, 'name'), email: textOf(author.children, 'email') }),
  )

function entry({ children }: Element): JsonObject {
  const updated = textOf(children, 'updated', 'modified')
  const published = textOf(children, 'published', 'issued')
  const links = all(children, 'link').map(link)
  const updatedParsed = parseDate(updated, true)
  const authors = people(children)
  return present({
    title: textOf(children, 'title'),
    description: textOf(children, 'summary'),
    content: textOf(children, 'content'),
    link: links.find(({ rel }) => rel === 'alternate')?.href,
    links: links.filter(({ rel }) => rel === 'alternate' || rel === 'self').map(({ href }) => href),
    updated,
    updatedParsed,
    published: published || updated,
    publishedParsed: parseDate(published, true) ?? updatedParsed,
    author: authors[0],
    authors,
    guid: textOf(children, 'id'),
    categories: all(children, 'category').map((category) => attribute(category, 'term')),
    enclosures: links
      .filter(({ rel }) => rel === 'enclosure')
      .map(({ href, length, type }) => present({ url: href, length, type })),
    extensions: extensionsOf(children),
  })
}

const link = (element: Element) => ({
  rel: attribute(element, 'rel') || 'alternate',
  href: attribute(element, 'href'),
  length: attribute(element, 'length'),
  type: attribute(element, 'type'),
})
