import type { JsonObject } from '../../pipe/pipe.ts'
import { own, put } from '../put.ts'
import { attribute, type Element } from './element.ts'
import { present } from './feed.ts'

/** Elements of other namespaces among `children`, by prefix and name: `{itunes: {author: [{name, value, ...}]}}`. */
export function extensionsOf(children: readonly Element[]): JsonObject | undefined {
  const result: JsonObject = {}
  for (const child of children)
    if (child.extension !== '') addTo(objectIn(result, child.extension), child)
  return Object.keys(result).length === 0 ? undefined : result
}

function extension(element: Element): JsonObject {
  const attrs: JsonObject = {}
  for (const { name, value } of element.attributes) put(attrs, name, value)
  const children: JsonObject = {}
  for (const child of element.children) addTo(children, child)
  return { name: element.name, value: element.text.trim(), attrs, children }
}

function addTo(target: JsonObject, element: Element): void {
  const known = own(target, element.name)
  if (Array.isArray(known)) known.push(extension(element))
  else put(target, element.name, [extension(element)])
}

function objectIn(target: JsonObject, key: string): JsonObject {
  const known = own(target, key)
  if (typeof known === 'object' && known !== null && !Array.isArray(known)) return known
  const fresh: JsonObject = {}
  put(target, key, fresh)
  return fresh
}

/** What Dublin Core elements say: all values of a name. */
export type DublinCore = (name: string) => string[]
export const dublinCore =
  (children: readonly Element[]): DublinCore =>
  (name) =>
    ofPrefix(children, 'dc', name).map((element) => element.text.trim())

const DUBLIN_CORE = [
  'title',
  'creator',
  'author',
  'subject',
  'description',
  'publisher',
  'contributor',
  'date',
  'type',
  'format',
  'identifier',
  'source',
  'language',
  'relation',
  'coverage',
  'rights',
]

/** The Dublin Core part of an item; `undefined` without any. */
export function dublinCoreData(children: readonly Element[]): JsonObject | undefined {
  if (!children.some((child) => child.extension === 'dc')) return undefined
  const values = dublinCore(children)
  return present(Object.fromEntries(DUBLIN_CORE.map((name) => [name, values(name)])))
}

/** What iTunes elements say: the first value of a name. */
export const itunes = (children: readonly Element[], name: string): string => {
  const element = ofPrefix(children, 'itunes', name)[0]
  if (element === undefined) return ''
  return name === 'image' ? attribute(element, 'href') : element.text.trim()
}

const ITUNES = [
  'author',
  'block',
  'duration',
  'explicit',
  'keywords',
  'subtitle',
  'summary',
  'image',
  'isClosedCaptioned',
  'episode',
  'season',
  'order',
  'episodeType',
]

/** The iTunes part of an item; `undefined` without any. */
export function itunesData(children: readonly Element[]): JsonObject | undefined {
  if (!children.some((child) => child.extension === 'itunes')) return undefined
  return present(Object.fromEntries(ITUNES.map((name) => [name, itunes(children, name)])))
}

/** The iTunes categories of a feed, each followed by its subcategory. */
export const itunesCategories = (children: readonly Element[]): string[] =>
  ofPrefix(children, 'itunes', 'category').flatMap((category) => {
    const inner = category.children.find((child) => child.name === 'category')
    const texts = [category, ...(inner === undefined ? [] : [inner])]
    return texts.map((element) => attribute(element, 'text'))
  })

const ofPrefix = (children: readonly Element[], prefix: string, name: string): Element[] =>
  children.filter((child) => child.extension === prefix && child.name === name)
