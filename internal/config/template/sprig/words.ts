type Kind = 'number' | 'upper' | 'letters' | 'connector' | 'punctuation' | 'other' | 'none'
type Word = { readonly kind: Kind; readonly text: string }

const NONE: Word = { kind: 'none', text: '' }

/**
 * How camel case is cut: `HTTPStatus` is `HTTP` and `Status`, `Status` is one upper-case word, digits stand
 * alone.
 */
const WORDS: readonly (readonly [kind: Kind, pattern: RegExp])[] = [
  ['connector', /[-_\s]+/uy],
  ['punctuation', /(?:(?![-_])\p{P})(?:(?!_)\p{P})*/uy],
  [
    'upper',
    /\p{Lu}{2,}(?!(?!\p{Lu})\p{L})|\p{Lu}+(?=\p{Lu}(?!\p{Lu})\p{L})|\p{Lu}(?:(?!\p{Lu})\p{L})*/uy,
  ],
  ['letters', /(?:(?!\p{Lu})\p{L})+/uy],
  ['number', /\p{N}+/uy],
  ['other', /(?:(?![-_\s])[^\p{L}\p{N}\p{P}])+/uy],
]

function cut(text: string): Word[] {
  const words: Word[] = []
  let position = 0
  while (position < text.length) {
    const word = wordAt(text, position)
    words.push(word)
    position += word.text.length
  }
  return words
}

function wordAt(text: string, position: number): Word {
  for (const [kind, pattern] of WORDS) {
    pattern.lastIndex = position
    const found = pattern.exec(text)?.[0]
    if (found !== undefined && found !== '') return { kind, text: found }
  }
  return { kind: 'other', text: String.fromCodePoint(text.codePointAt(position) ?? 0) }
}

/** Camel case to lower-case words joined by `connector`, as xstrings does it for snakecase and kebabcase. */
export function separate(text: string, connector: '_' | '-'): string {
  const words = cut(text)
  let index = 0
  let output = ''
  const next = (): Word => words[index++] ?? NONE
  const hasMore = (): boolean => index < words.length
  const write = (word: Word): void => {
    if (word.kind === 'connector') output += word.text.replace(/[\s\S]/gu, connector)
    else output += word.kind === 'upper' ? word.text.toLowerCase() : word.text
  }
  const isLetterOrNumber = (word: Word): boolean =>
    word.kind === 'letters' || word.kind === 'number'
  const writeRun = (first: Word): Word => {
    let word = first
    for (; isLetterOrNumber(word); word = next()) write(word)
    return word
  }
  const connectUnless = (word: Word): void => {
    if (word.kind !== 'none' && word.kind !== 'connector' && word.kind !== 'punctuation')
      output += connector
  }
  let word = next()
  while (hasMore()) {
    const previous = word
    if (previous.kind !== 'connector') write(previous)
    word = next()
    if (previous.kind === 'number') {
      word = writeRun(word)
      connectUnless(word)
    } else if (previous.kind === 'connector') write(previous)
    else if (previous.kind !== 'punctuation') {
      if (word.kind !== 'number') connectUnless(word)
      else if (hasMore()) {
        const number = word
        word = next()
        if (word.kind === 'letters') output += connector
        write(number)
        if (word.kind === 'letters') word = writeRun(word)
        connectUnless(word)
      }
    }
  }
  write(word)
  return output
}

/** snake_case and kebab-case to CamelCase; connectors at the start stay. */
export function camelCase(text: string): string {
  const chars = [...text]
  const start = chars.findIndex((char) => !isConnector(char))
  // xstrings writes the last of nothing but connectors twice.
  if (start === -1) return text + (chars.at(-1) ?? '')
  const leading = chars.slice(0, start).join('')
  let output = ''
  let previous = (chars[start] ?? '').toUpperCase()
  const rest = chars.slice(start + 1)
  for (const char of rest) {
    if (isConnector(char) && isConnector(previous)) {
      output += previous
      previous = char
    } else if (isConnector(previous)) previous = char.toUpperCase()
    else {
      output += previous
      previous = char
    }
  }
  return leading + output + previous
}

function isConnector(char: string): boolean {
  return char === '-' || char === '_' || /\s/u.test(char)
}

/** strings.Title: the first letter of each word in upper case; an apostrophe ends a word too. */
export function title(text: string): string {
  return text.replace(/(?<=^|[\s\x00-\x7f])(?<![\p{L}\p{Nd}_])\p{L}/gu, (char) =>
    char.toUpperCase(),
  )
}

/** goutils.Uncapitalize: the first letter of each word, words being cut at white space, in lower case. */
export function untitle(text: string): string {
  return text.replace(/(?<!\S)\S/gu, (char) => char.toLowerCase())
}

/** goutils.SwapCase: other case, but upper case at the start of a word. */
export function swapCase(text: string): string {
  return text.replace(/\S/gu, (char) =>
    /\p{Lu}|\p{Lt}/u.test(char) ? char.toLowerCase() : char.toUpperCase(),
  )
}

/** goutils.Initials: the first byte of each word. */
export function initials(text: string): string {
  return text
    .split(/\s+/)
    .map((word) => Buffer.from(word).subarray(0, 1).toString('latin1'))
    .join('')
}

/** goutils.Abbreviate and AbbreviateFull; an illegal width gives the empty string. */
export function abbreviate(text: string, offset: number, width: number): string {
  const bytes = Buffer.from(text)
  if (width < 4) return ''
  if (bytes.length <= width) return text
  let start = Math.min(offset, bytes.length)
  if (bytes.length - start < width - 3) start = bytes.length - (width - 3)
  if (start <= 4) return `${bytes.subarray(0, width - 3)}...`
  if (width < 7) return ''
  if (start + width - 3 < bytes.length) {
    return `...${abbreviate(bytes.subarray(start).toString(), 0, width - 3)}`
  }
  return `...${bytes.subarray(bytes.length - (width - 3))}`
}

/** goutils.WrapCustom: breaks at spaces; words longer than the line only when `breaksWords`. */
export function wrap(
  text: string,
  lineLength: number,
  newLine: string,
  breaksWords: boolean,
): string {
  const bytes = Buffer.from(text)
  const width = Math.max(lineLength, 1)
  const separator = newLine === '' ? '\n' : newLine
  const lines: string[] = []
  let offset = 0
  while (bytes.length - offset > width) {
    if (bytes[offset] === 0x20) {
      offset++
      continue
    }
    const space = bytes.subarray(offset, offset + width + 1).lastIndexOf(0x20)
    const later = bytes.indexOf(0x20, offset + width)
    const end = space >= 0 ? offset + space : breaksWords ? offset + width : later
    if (end === -1) break
    lines.push(bytes.subarray(offset, end).toString() + separator)
    offset = space < 0 && breaksWords ? end : end + 1
  }
  return lines.join('') + bytes.subarray(offset).toString()
}
