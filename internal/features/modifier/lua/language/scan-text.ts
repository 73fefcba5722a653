/** A string of a script: its value, where reading goes on, and what is wrong with it. */
export type ScannedText = {
  readonly value: string
  readonly end: number
  readonly problem: string | undefined
}

const ESCAPES: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
}

/** The string in quotes that begins at `start`. */
export function scanText(source: string, start: number): ScannedText {
  const quote = source[start]
  let value = ''
  let at = start + 1
  for (;;) {
    const char = source[at]
    if (char === quote) return { value, end: at + 1, problem: undefined }
    if (char === undefined || char === '\n' || char === '\r')
      return { value, end: at, problem: 'unterminated string' }
    if (char === '\\') {
      const [text, length] = escaped(source, at + 1)
      value += text
      at += 1 + length
    } else {
      value += char
      at++
    }
  }
}

/** What an escape stands for, and how long it is without its backslash. */
function escaped(source: string, at: number): [string, number] {
  const char = source[at] ?? ''
  const digits = /^\d{1,3}/.exec(source.slice(at, at + 3))?.[0]
  if (digits !== undefined) return [String.fromCharCode(Number(digits) & 0xff), digits.length]
  if (char === '\r' || char === '\n') {
    const pair = source.slice(at, at + 2)
    return ['\n', pair === '\r\n' || pair === '\n\r' ? 2 : 1]
  }
  return [ESCAPES[char] ?? char, char.length]
}

/** The long string (`[[...]]`, `[==[...]==]`) that begins at `start`; a first line break is not part of it. */
export function scanLongText(source: string, start: number): ScannedText {
  const equals = source.indexOf('[', start + 1) - start - 1
  const begin = start + equals + 2
  const end = source.indexOf(`]${'='.repeat(equals)}]`, begin)
  const stop = end < 0 ? source.length : end
  const value = source
    .slice(begin, stop)
    .replace(/\r\n|\n\r|\r/g, '\n')
    .replace(/^\n/, '')
  return end < 0
    ? { value, end: stop, problem: 'unterminated multiline string' }
    : { value, end: stop + equals + 2, problem: undefined }
}
