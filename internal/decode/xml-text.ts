import { isUtf8 } from 'node:buffer'
import { TextDecoder } from 'node:util'
import { XmlFault } from './xml-reader.ts'

/** How far an XML declaration is looked for. */
const DECLARATION_BYTES = 1024
const ENCODING = /<\?xml\s[^>]*?\sencoding=["']([^"']*)["']/

/** The text of an XML document, in the encoding its declaration names. Throws an `XmlFault`. */
export function xmlText(bytes: Buffer): string {
  const head = bytes.subarray(0, DECLARATION_BYTES).toString('latin1')
  const label = ENCODING.exec(head)?.[1] ?? ''
  if (label === '' || /^utf-?8$/i.test(label)) {
    if (!isUtf8(bytes))
      throw new XmlFault(`XML syntax error on line ${lineOfFault(bytes)}: invalid UTF-8`)
    return bytes.toString()
  }
  return decoderOf(label).decode(bytes)
}

function decoderOf(label: string): TextDecoder {
  try {
    return new TextDecoder(label)
  } catch {
    // TextDecoder says only that it does not know the label.
    const name = JSON.stringify(label)
    throw new XmlFault(`xml: opening charset ${name}: unsupported charset: ${name}`)
  }
}

function lineOfFault(bytes: Buffer): number {
  let line = 1
  let from = 0
  for (let at = bytes.indexOf('\n'); at >= 0; at = bytes.indexOf('\n', at + 1)) {
    if (!isUtf8(bytes.subarray(from, at))) return line
    from = at + 1
    line++
  }
  return line
}
