import { GatewayError } from '../errors.ts'
import type { JsonObject } from '../pipe/pipe.ts'
import type { Decode } from './decode.ts'
import { atomFeed } from './feed/atom-feed.ts'
import { type Element, rootElement } from './feed/element.ts'
import { type Feed, feedData } from './feed/feed.ts'
import { jsonFeed } from './feed/json-feed.ts'
import { rssFeed } from './feed/rss-feed.ts'
import { asObject, parseJson } from './json.ts'
import { XmlFault } from './xml-reader.ts'
import { xmlText } from './xml-text.ts'

const OPEN_OBJECT = 0x7b
const OPEN_TAG = 0x3c
/** White space, and what byte order marks consist of. */
const SKIPPED = new Set([0x20, 0x0d, 0x0a, 0x09, 0xfe, 0xff, 0x00, 0xef, 0xbb, 0xbf])

/** Reads an RSS, Atom or JSON feed into one form for all: title, description, items and so on. */
export function rss(): Decode {
  return function decodeFeed(bytes) {
    const start = bytes.findIndex((byte) => !SKIPPED.has(byte))
    const first = bytes[start]
    if (first === OPEN_OBJECT) {
      return { data: feedData(jsonFeed(objectIn(bytes.subarray(start)))), sources: [] }
    }
    if (first !== OPEN_TAG) throw unknownFeed()
    return { data: feedData(xmlFeed(bytes.subarray(start))), sources: [] }
  }
}

const parse = parseJson({ exactSpelling: false })

function objectIn(bytes: Buffer): JsonObject {
  try {
    const { value, exact } = parse(bytes)
    const object = exact !== undefined ? asObject(value) : undefined
    if (object !== undefined) return object
  } catch {
    // Whatever is wrong with it: it is no feed, and KrakenD says no more.
  }
  throw unknownFeed()
}

function xmlFeed(bytes: Buffer): Feed {
  const root = rootOf(bytes)
  const name = root?.lowerName
  if (root !== undefined && (name === 'rss' || name === 'rdf')) return rssFeed(root)
  if (root !== undefined && name === 'feed') return atomFeed(root)
  throw unknownFeed()
}

function rootOf(bytes: Buffer): Element | undefined {
  try {
    return rootElement(xmlText(bytes))
  } catch (fault) {
    if (!(fault instanceof XmlFault)) throw fault
    throw new GatewayError('decode', { message: fault.message, cause: fault })
  }
}

const unknownFeed = (): GatewayError =>
  new GatewayError('decode', { message: 'Failed to detect feed type' })
