import { characterOf, ILLEGAL, lineEnds, REFERENCE } from './xml-characters.ts'

export type XmlAttribute = {
  readonly prefix: string
  readonly name: string
  readonly value: string
}
export type XmlToken =
  | {
      readonly kind: 'start'
      readonly prefix: string
      readonly name: string
      readonly attributes: readonly XmlAttribute[]
    }
  | { readonly kind: 'end'; readonly name: string }
  | { readonly kind: 'text'; readonly text: string }

type Name = { readonly prefix: string; readonly name: string }

const NAME = /[\w:.\-\u0080-\ufffd]+/y
const NAME_START = /^[A-Za-z_:\u00aa-\ufffd]/
const SPACE = /[ \t\r\n]*/y
const BLANK = 0x20
const UNQUOTED = /[\w:-]+/y
/** Documents nested deeper are refused, unless a reader sets its own limit. */
const MAX_DEPTH = 10_000

/** What is wrong with a document, in the words of Go's encoding/xml. */
export class XmlFault extends Error {}

/**
 * Reads XML piece by piece, as Go's encoding/xml does: text and CDATA as they come, comments, instructions
 * and the DOCTYPE skipped. Entities a document declares are never expanded: a reference to one is a fault,
 * or stays as it is when not `isStrict`. There, an end tag also closes what is open inside its element.
 */
export class XmlReader {
  readonly text: string
  readonly #isStrict: boolean
  readonly #open: Name[] = []
  /** The next token starts here. */
  at = 0
  /** An end tag still to be handed out: of `<a/>`, or one that closes more than one element. */
  #pendingEnd: Name | undefined

  readonly #maxDepth: number

  /** Looked for once: texts are then looked at only where they hold references. */
  readonly #mayBeIllegal: boolean

  constructor(text: string, isStrict: boolean, maxDepth = MAX_DEPTH) {
    this.#mayBeIllegal = ILLEGAL.test(text)
    this.#maxDepth = maxDepth
    this.text = text
    this.#isStrict = isStrict
  }

  /** The next token; `undefined` at the end of the document. Throws an `XmlFault`. */
  next(): XmlToken | undefined {
    for (;;) {
      const pending = this.#pendingEnd
      if (pending !== undefined) {
        this.#pendingEnd = undefined
        return this.#close(pending)
      }
      if (this.at >= this.text.length) {
        if (this.#open.length > 0) throw this.fault('unexpected EOF')
        return undefined
      }
      if (this.text[this.at] !== '<') return { kind: 'text', text: this.#charData() }
      const token = this.#markup()
      if (token !== undefined) return token
    }
  }

  fault(message: string): XmlFault {
    let line = 1
    const end = Math.min(this.at, this.text.length)
    for (
      let at = this.text.indexOf('\n');
      at >= 0 && at < end;
      at = this.text.indexOf('\n', at + 1)
    )
      line++
    return new XmlFault(`XML syntax error on line ${line}: ${message}`)
  }

  #markup(): XmlToken | undefined {
    this.at++
    const character = this.text[this.at]
    if (character === '/') return this.#endTag()
    if (character === '?') return this.#instruction()
    if (character === '!') return this.#declaration()
    return this.#startTag()
  }

  #startTag(): XmlToken {
    const name = this.#name('expected element name after <')
    const attributes: XmlAttribute[] = []
    for (;;) {
      this.#space()
      if (this.text.startsWith('/>', this.at)) {
        this.at += 2
        this.#pendingEnd = name
        break
      }
      if (this.text[this.at] === '>') {
        this.at++
        break
      }
      if (this.text[this.at] === '/') throw this.#faultOrEnd('expected /> in element', 1)
      attributes.push(this.#attribute())
    }
    this.#open.push(name)
    if (this.#open.length > this.#maxDepth) throw this.fault('exceeded max depth')
    return { kind: 'start', ...name, attributes }
  }

  #attribute(): XmlAttribute {
    const name = this.#name('expected attribute name in element')
    this.#space()
    if (this.text[this.at] !== '=') {
      if (this.#isStrict) throw this.#faultOrEnd('attribute name without = in element')
      return { ...name, value: name.name }
    }
    this.at++
    this.#space()
    return { ...name, value: this.#attributeValue() }
  }

  #attributeValue(): string {
    const quote = this.text[this.at]
    if (quote !== '"' && quote !== "'") {
      if (this.#isStrict) throw this.#faultOrEnd('unquoted or missing attribute value in element')
      return this.#match(UNQUOTED)
    }
    const start = this.at + 1
    const end = this.text.indexOf(quote, start)
    const bad = this.text.slice(start, end < 0 ? undefined : end).indexOf('<')
    if (bad >= 0) {
      this.at = start + bad
      throw this.fault('unescaped < inside quoted string')
    }
    if (end < 0) throw this.#end()
    this.at = end + 1
    return this.#decoded(start, end)
  }

  #endTag(): XmlToken {
    this.at++
    const name = this.#name('expected element name after </')
    this.#space()
    if (this.text[this.at] !== '>')
      throw this.#faultOrEnd(`invalid characters between </${name.name} and >`)
    this.at++
    return this.#close(name)
  }

  #close(name: Name): XmlToken {
    const open = this.#open.pop()
    if (open === undefined) throw this.fault(`unexpected end element </${name.name}>`)
    if (open.name !== name.name) {
      if (this.#isStrict) throw this.fault(`element <${open.name}> closed by </${name.name}>`)
      this.#pendingEnd = name
    } else if (open.prefix !== name.prefix)
      throw this.fault(
        `element <${open.name}> in space ${open.prefix} closed by </${name.name}> in space ${name.prefix || '""'}`,
      )
    return { kind: 'end', name: open.name }
  }

  #instruction(): undefined {
    this.at++
    const target = this.#name('expected target name after <?')
    const start = this.at
    this.at = this.#find('?>', start) + 2
    const version = /(?:^|\s)version=(["'])(.*?)\1/.exec(this.text.slice(start, this.at))?.[2] ?? ''
    if (target.name === 'xml' && version !== '' && version !== '1.0')
      throw new XmlFault(
        `xml: unsupported version ${JSON.stringify(version)}; only version 1.0 is supported`,
      )
  }

  /** `<!...`: a comment, CDATA, or a DOCTYPE, of which nothing is kept. */
  #declaration(): XmlToken | undefined {
    const { text, at } = this
    if (text.startsWith('!--', at)) {
      const end = this.#find('--', at + 3)
      this.at = end + 3
      if (text[end + 2] !== '>')
        throw this.#faultOrEnd('invalid sequence "--" not allowed in comments')
      return undefined
    }
    if (text.startsWith('!-', at))
      throw this.#faultOrEnd('invalid sequence <!- not part of <!--', 2)
    if (text.startsWith('![', at)) return { kind: 'text', text: this.#cdata() }
    this.#skipDirective()
    return undefined
  }

  #cdata(): string {
    const start = this.at + '![CDATA['.length
    if (!this.text.startsWith('![CDATA[', this.at))
      throw '![CDATA['.startsWith(this.text.slice(this.at))
        ? this.#end()
        : this.fault('invalid <![ sequence')
    const end = this.text.indexOf(']]>', start)
    if (end < 0) {
      this.at = this.text.length
      throw this.fault('unexpected EOF in CDATA section')
    }
    this.at = end + 3
    return this.#checked(this.text.slice(start, end))
  }

  /** Skips to the `>` that ends `<!DOCTYPE ... [ ... ]>`; those in quotes and inner declarations do not count. */
  #skipDirective(): void {
    let depth = 0
    let quote = ''
    for (this.at += 2; this.at < this.text.length; this.at++) {
      const character = this.text[this.at] ?? ''
      if (quote !== '') {
        if (character === quote) quote = ''
      } else if (character === '"' || character === "'") quote = character
      else if (this.text.startsWith('<!--', this.at)) this.at = this.#find('-->', this.at + 4) + 2
      else if (character === '<') depth++
      else if (character === '>' && depth-- === 0) {
        this.at++
        return
      }
    }
    throw this.#end()
  }

  #charData(): string {
    const start = this.at
    const next = this.text.indexOf('<', start)
    this.at = next < 0 ? this.text.length : next
    const bad = this.text.slice(start, this.at).indexOf(']]>')
    if (bad < 0) return this.#decoded(start, this.at)
    this.#decoded(start, start + bad)
    throw this.fault('unescaped ]]> not in CDATA section')
  }

  /** The text from `start` to `end`, entities and line ends as they are meant. */
  #decoded(start: number, end: number): string {
    const raw = this.text.slice(start, end)
    if (!raw.includes('&')) return this.#mayBeIllegal ? this.#checked(raw) : lineEnds(raw)
    return this.#checked(
      raw.replace(REFERENCE, (reference, hex?: string, decimal?: string, name?: string) => {
        const character = characterOf(hex, decimal, name)
        if (character !== undefined) return character
        if (!this.#isStrict) return reference
        this.at = start + raw.indexOf(reference) + reference.length
        throw reference.endsWith(';')
          ? this.fault(`invalid character entity ${reference}`)
          : this.#faultOrEnd(`invalid character entity ${reference} (no semicolon)`)
      }),
    )
  }

  #checked(text: string): string {
    const illegal = ILLEGAL.exec(text)?.[0]
    if (illegal !== undefined) {
      const code = illegal.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')
      throw this.fault(`illegal character code U+${code}`)
    }
    return lineEnds(text)
  }

  #name(missing: string): Name {
    const found = this.#match(NAME)
    if (found === '') throw this.#faultOrEnd(missing)
    if (!NAME_START.test(found)) throw this.fault(`invalid XML name: ${found}`)
    const colon = found.indexOf(':')
    if (colon !== found.lastIndexOf(':')) throw this.fault(missing)
    return colon <= 0 || colon === found.length - 1
      ? { prefix: '', name: found }
      : { prefix: found.slice(0, colon), name: found.slice(colon + 1) }
  }

  #space(): void {
    // Most often there is none, or one blank.
    if (this.text.charCodeAt(this.at) === BLANK) this.at++
    if (this.text.charCodeAt(this.at) <= BLANK) this.#match(SPACE)
  }

  #match(pattern: RegExp): string {
    const start = this.at
    pattern.lastIndex = start
    if (!pattern.test(this.text)) return ''
    this.at = pattern.lastIndex
    return this.text.slice(start, this.at)
  }

  #find(what: string, from: number): number {
    const found = this.text.indexOf(what, from)
    if (found < 0) throw this.#end()
    return found
  }

  #end(): XmlFault {
    this.at = this.text.length
    return this.fault('unexpected EOF')
  }

  #faultOrEnd(message: string, ahead = 0): XmlFault {
    return this.at + ahead >= this.text.length ? this.#end() : this.fault(message)
  }
}
