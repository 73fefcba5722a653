import { attribute, type Element } from './element.ts'
import { decodeEntities } from './entities.ts'

const CDATA_START = '<![CDATA['
const CDATA_END = ']]>'

/** The content of an RSS element as text: markup in it stays, references are decoded. */
export const plainText = (element: Element): string => decoded(element.inner.trim())

/** CDATA as it is, everything else with its references decoded. */
function decoded(inner: string): string {
  let text = ''
  let from = 0
  for (;;) {
    const start = inner.indexOf(CDATA_START, from)
    const end = start < 0 ? -1 : inner.indexOf(CDATA_END, start)
    if (end < 0) return text + decodeEntities(inner.slice(from))
    text += decodeEntities(inner.slice(from, start)) + inner.slice(start + CDATA_START.length, end)
    from = end + CDATA_END.length
  }
}

/** The content of an Atom text construct (RFC 4287, 3.1) by its `type`. */
export function atomText(element: Element): string {
  const type = attribute(element, 'type').toLowerCase()
  const inner = element.inner.trim()
  if (inner.includes(CDATA_START)) return decoded(inner)
  const isPlain = type === '' && attribute(element, 'mode') === ''
  if (isPlain || type === 'text' || type.startsWith('text/')) return decodeEntities(inner)
  if (type.includes('xhtml')) return withoutDiv(element, inner)
  if (type === 'html') return decodeEntities(withoutDiv(element, inner))
  return fromBase64(inner)
}

/** XHTML stands in one `<div>` that is not part of the text. */
function withoutDiv(element: Element, inner: string): string {
  const [only, second] = element.children
  const isWrapped = only?.lowerName === 'div' && second === undefined && element.text.trim() === ''
  return isWrapped ? only.inner.trim() : inner
}

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/

function fromBase64(text: string): string {
  const compact = text.replace(/[\r\n]/g, '')
  return BASE64.test(compact) ? Buffer.from(compact, 'base64').toString() : text
}
