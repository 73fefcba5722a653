import { GatewayError } from '../errors.ts'
import type { JsonObject, JsonValue } from '../pipe/pipe.ts'
import type { Decode } from './decode.ts'
import { own, put } from './put.ts'
import { type XmlAttribute, XmlFault, XmlReader } from './xml-reader.ts'
import { xmlText } from './xml-text.ts'

const TEXT = '#text'

/**
 * Reads an XML document up to the end of its root element, which becomes the only key. Prefixes are dropped,
 * attributes are `-name`, texts beside attributes or elements are `#text`, a repeated element is a list, all
 * values are texts. A collection is the whole object under `collection`.
 */
export function xml(isCollection: boolean): Decode {
  return function decodeXml(bytes) {
    const data = documentOf(bytes)
    return { data: isCollection ? { collection: data } : data, sources: [] }
  }
}

function documentOf(bytes: Buffer): JsonObject {
  try {
    return rootOf(new XmlReader(xmlText(bytes), true))
  } catch (fault) {
    if (!(fault instanceof XmlFault)) throw fault
    const message = `xml.Decoder.Token() - ${fault.message}`
    throw new GatewayError('decode', { message, cause: fault })
  }
}

/** An element being read. */
type Open = {
  readonly name: string
  /** Attributes and elements so far. */
  readonly fields: JsonObject
  isEmpty: boolean
  /** The text before the first field. */
  text: string
}

/** Open elements wait on a list, not on the stack: depth costs nothing. */
function rootOf(reader: XmlReader): JsonObject {
  const open: Open[] = []
  for (;;) {
    const token = reader.next()
    if (token === undefined) throw new GatewayError('decode', { message: 'EOF' })
    const current = open.at(-1)
    if (token.kind === 'start') open.push(opened(token.name, token.attributes))
    else if (token.kind === 'text') {
      if (current !== undefined) addText(current, token.text)
    } else if (current !== undefined) {
      open.pop()
      const parent = open.at(-1)
      const result: JsonObject = {}
      if (parent === undefined) {
        put(result, current.name, valueOfElement(current))
        return result
      }
      addField(parent, current.name, valueOfElement(current))
    }
  }
}

function opened(name: string, attributes: readonly XmlAttribute[]): Open {
  const fields: JsonObject = {}
  for (const attribute of attributes) put(fields, `-${attribute.name}`, attribute.value)
  return { name, fields, isEmpty: attributes.length === 0, text: '' }
}

const BLANKS = '\t\r\b\n '

/** Without the blanks around it that mxj takes off: fewer than `trim` would. */
function trimmed(text: string): string {
  let start = 0
  let end = text.length
  while (start < end && BLANKS.includes(text[start] ?? '')) start++
  while (start < end && BLANKS.includes(text[end - 1] ?? '')) end--
  return text.slice(start, end)
}

/** Of several texts the last one stays, unless one stands before everything else: then that one. */
function addText(element: Open, raw: string): void {
  const text = trimmed(raw)
  if (text === '') return
  if (element.isEmpty) element.text = text
  else element.fields[TEXT] = text
}

function addField(element: Open, name: string, value: JsonValue): void {
  const known = own(element.fields, name)
  if (known === undefined) put(element.fields, name, value)
  else if (Array.isArray(known)) known.push(value)
  else put(element.fields, name, [known, value])
  element.isEmpty = false
}

function valueOfElement(element: Open): JsonValue {
  if (element.isEmpty) return element.text
  if (element.text !== '') element.fields[TEXT] = element.text
  return element.fields
}
