import { type XmlAttribute, XmlFault, XmlReader } from '../xml-reader.ts'

/** One element of a feed, with what it holds. */
export type Element = {
  readonly name: string
  /** In small letters: feeds are read without regard to case. */
  readonly lowerName: string
  /** Of its namespace: the usual one where it is known, else the document's own; `''` for the feed's own elements. */
  readonly extension: string
  readonly attributes: readonly XmlAttribute[]
  readonly children: readonly Element[]
  /** Text and CDATA directly in it. */
  readonly text: string
  /** Its content as it stands in the document. */
  readonly inner: string
}

/** Feeds are flat, whatever HTML they quote. */
const MAX_DEPTH = 1000
/** More namespaces at once are refused: each element that declares one copies the list. */
const MAX_NAMESPACES = 256

/** The first element of a document, read leniently; `undefined` without one. Throws an `XmlFault`. */
export function rootElement(text: string): Element | undefined {
  const reader = new XmlReader(text, false, MAX_DEPTH)
  for (;;) {
    const token = reader.next()
    if (token === undefined) return undefined
    if (token.kind === 'start') return readElement(reader, token)
  }
}

type Start = {
  readonly prefix: string
  readonly name: string
  readonly attributes: readonly XmlAttribute[]
}
/** Namespaces in force: by prefix, and the prefix last declared for each. */
type Scope = {
  readonly uris: ReadonlyMap<string, string>
  readonly prefixes: ReadonlyMap<string, string>
}
type Open = {
  readonly start: Start
  readonly scope: Scope
  readonly children: Element[]
  text: string
  readonly from: number
}

/** Open elements wait on a list, not on the stack. */
function readElement(reader: XmlReader, first: Start): Element {
  const top: Scope = { uris: new Map(), prefixes: new Map() }
  const open: Open[] = [opened(first, top, reader.at)]
  for (;;) {
    const before = reader.at
    const token = reader.next()
    const current = open.at(-1)
    if (token === undefined || current === undefined) throw reader.fault('unexpected EOF')
    if (token.kind === 'text') current.text += token.text
    else if (token.kind === 'start') open.push(opened(token, current.scope, reader.at))
    else {
      open.pop()
      const element = closed(current, reader.text.slice(current.from, before))
      const parent = open.at(-1)
      if (parent === undefined) return element
      parent.children.push(element)
    }
  }
}

function opened(start: Start, outer: Scope, from: number): Open {
  return { start, scope: declared(start.attributes, outer), children: [], text: '', from }
}

function declared(attributes: readonly XmlAttribute[], outer: Scope): Scope {
  const own = attributes.filter(({ prefix, name }) => prefix === 'xmlns' || name === 'xmlns')
  if (own.length === 0) return outer
  const scope = { uris: new Map(outer.uris), prefixes: new Map(outer.prefixes) }
  for (const { prefix, name, value } of own) {
    const alias = prefix === 'xmlns' ? name : ''
    scope.uris.set(alias, value)
    scope.prefixes.set(value.trim(), alias.toLowerCase())
  }
  if (scope.uris.size > MAX_NAMESPACES) throw new XmlFault('too many namespaces')
  return scope
}

/** Prefixes that belong to RSS itself. */
const OWN = new Set(['', 'rss', 'rdf', 'content'])

function closed({ start, scope, children, text }: Open, inner: string): Element {
  const space = scope.uris.get(start.prefix) ?? start.prefix
  const prefix = scope.prefixes.get(space.trim())
  const isExtension = prefix === undefined ? space !== '' : !OWN.has(prefix)
  return {
    name: start.name,
    lowerName: start.name.toLowerCase(),
    extension: isExtension ? (USUAL.get(space) ?? prefix ?? space) : '',
    attributes: start.attributes,
    children,
    text,
    inner,
  }
}

/** An attribute by its name without prefix; `''` without one. */
export const attribute = (element: Element, name: string): string =>
  element.attributes.find((candidate) => candidate.name === name)?.value ?? ''

/** The usual prefixes of namespaces in feeds, whatever prefix a document uses. */
const USUAL: ReadonlyMap<string, string> = new Map([
  ['http://purl.org/rss/1.0/modules/content/', 'content'],
  ['http://purl.org/dc/elements/1.1/', 'dc'],
  ['http://purl.org/dc/terms/', 'dcterms'],
  ['http://rssnamespace.org/feedburner/ext/1.0', 'feedburner'],
  ['http://xmlns.com/foaf/0.1/', 'foaf'],
  ['http://www.w3.org/2003/01/geo/wgs84_pos#', 'geo'],
  ['http://www.georss.org/georss', 'georss'],
  ['http://www.opengis.net/gml', 'gml'],
  ['http://www.itunes.com/DTDs/PodCast-1.0.dtd', 'itunes'],
  ['http://example.com/DTDs/PodCast-1.0.dtd', 'itunes'],
  ['http://search.yahoo.com/mrss', 'media'],
  ['http://search.yahoo.com/mrss/', 'media'],
  ['http://madskills.com/public/xml/rss/module/pingback/', 'pingback'],
  ['http://prismstandard.org/namespaces/1.2/basic/', 'prism'],
  ['http://www.w3.org/1999/02/22-rdf-syntax-ns#', 'rdf'],
  ['http://www.w3.org/2000/01/rdf-schema#', 'rdfs'],
  ['http://purl.org/rss/1.0/modules/slash/', 'slash'],
  ['http://purl.org/rss/1.0/modules/syndication/', 'sy'],
  ['http://purl.org/rss/1.0/modules/taxonomy/', 'taxo'],
  ['http://purl.org/rss/1.0/modules/threading/', 'thr'],
  ['http://madskills.com/public/xml/rss/module/trackback/', 'trackback'],
  ['http://webns.net/mvcb/', 'admin'],
  ['http://creativecommons.org/ns#license', 'cc'],
  ['http://web.resource.org/cc/', 'cc'],
  ['http://cyber.law.harvard.edu/rss/creativeCommonsRssModule.html', 'creativeCommons'],
  ['http://backend.userland.com/creativeCommonsRssModule', 'creativeCommons'],
  ['http://backend.userland.com/blogChannelModule', 'blogChannel'],
  ['http://wellformedweb.org/commentAPI/', 'wfw'],
  ['http://www.w3.org/1999/xhtml', 'xhtml'],
  ['http://www.w3.org/1999/xlink', 'xlink'],
  ['http://www.w3.org/XML/1998/namespace', 'xml'],
  ['http://podlove.org/simple-chapters', 'psc'],
])
