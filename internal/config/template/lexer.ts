/** What a piece of a template can be; the words are Go's. */
export type TokenKind =
  | 'text'
  | 'comment'
  | 'left'
  | 'right'
  | 'space'
  | 'field'
  | 'variable'
  | 'identifier'
  | 'keyword'
  | 'bool'
  | 'nil'
  | 'dot'
  | 'number'
  | 'charConstant'
  | 'string'
  | 'rawString'
  | 'char'
  | 'pipe'
  | 'assign'
  | 'declare'
  | 'leftParen'
  | 'rightParen'
  | 'eof'
  | 'error'

export type Token = {
  readonly kind: TokenKind
  readonly text: string
  readonly offset: number
  readonly line: number
}

const KEYWORDS = new Set([
  'block',
  'break',
  'continue',
  'define',
  'else',
  'end',
  'if',
  'range',
  'template',
  'with',
])

const SPACE = ' \t\r\n'
const LEADING_SPACE = /^[ \t\r\n]+/
const TRAILING_SPACE = /[ \t\r\n]+$/

/** Cuts a template into tokens, white space around trim markers already removed; ends with `eof` or `error`. */
export function tokenize(source: string): Token[] {
  const tokens: Token[] = []
  let position = 0
  let trimNext = false
  let lineOffset = 0
  let line = 1

  function lineAt(offset: number): number {
    for (; lineOffset < offset; lineOffset++) if (source[lineOffset] === '\n') line++
    return line
  }

  function push(kind: TokenKind, text: string, offset: number): void {
    tokens.push({ kind, text, offset, line: lineAt(offset) })
  }

  function pushText(end: number, trimEnd: boolean): void {
    const raw = source.slice(position, end)
    const leading = trimNext ? (LEADING_SPACE.exec(raw)?.[0].length ?? 0) : 0
    const rest = raw.slice(leading)
    const text = trimEnd ? rest.replace(TRAILING_SPACE, '') : rest
    if (text !== '') push('text', text, position + leading)
    position = end
    trimNext = false
  }

  for (;;) {
    const open = source.indexOf('{{', position)
    if (open === -1) {
      pushText(source.length, false)
      push('eof', '', source.length)
      return tokens
    }
    const trims = source[open + 2] === '-' && isSpace(source[open + 3])
    pushText(open, trims)
    const inside = open + 2 + (trims ? 2 : 0)
    if (source.startsWith('/*', inside)) {
      const close = source.indexOf('*/', inside)
      if (close === -1) {
        push('error', 'unclosed comment', inside)
        return tokens
      }
      const end = rightDelimiter(source, close + 2)
      if (end === undefined) {
        push('error', 'comment ends before closing delimiter', close + 2)
        return tokens
      }
      position = end.after
      trimNext = end.trims
      continue
    }
    push('left', '{{', open)
    const action = tokenizeAction(source, inside, push)
    if (action === undefined) return tokens
    position = action.after
    trimNext = action.trims
  }
}

type Push = (kind: TokenKind, text: string, offset: number) => void
type Closing = { readonly after: number; readonly trims: boolean }

/** Reads one action up to its closing braces; `undefined` after an error token. */
function tokenizeAction(source: string, start: number, push: Push): Closing | undefined {
  let position = start
  let depth = 0
  for (;;) {
    const closing = rightDelimiter(source, position)
    if (closing !== undefined) {
      if (depth !== 0) return fail(push, 'unclosed left paren', position)
      push('right', '}}', position + (closing.trims ? 2 : 0))
      return closing
    }
    const token = nextToken(source, position)
    if (token.kind === 'leftParen') depth++
    if (token.kind === 'rightParen' && --depth < 0) {
      return fail(push, 'unexpected right paren', position)
    }
    push(token.kind, token.text, position)
    if (token.kind === 'error') return undefined
    position += token.text.length
  }
}

function fail(push: Push, message: string, offset: number): undefined {
  push('error', message, offset)
  return undefined
}

function rightDelimiter(source: string, position: number): Closing | undefined {
  if (isSpace(source[position]) && source.startsWith('-}}', position + 1)) {
    return { after: position + 4, trims: true }
  }
  return source.startsWith('}}', position) ? { after: position + 2, trims: false } : undefined
}

function isSpace(char: string | undefined): boolean {
  return char !== undefined && char !== '' && SPACE.includes(char)
}

type Piece = { readonly kind: TokenKind; readonly text: string }

const WORD = /[\p{L}\p{Nd}_]+/uy
const NUMBER =
  /[+-]?(?:0[xX][0-9a-fA-F_]+(?:\.[0-9a-fA-F_]*)?(?:[pP][+-]?[0-9_]+)?|0[oO][0-7_]+|0[bB][01_]+|[0-9_]*(?:\.[0-9_]*)?(?:[eE][+-]?[0-9_]+)?)/y

function nextToken(source: string, position: number): Piece {
  const char = source[position]
  const next = source[position + 1] ?? ''
  if (char === undefined) return { kind: 'error', text: 'unclosed action' }
  if (isSpace(char)) return spaces(source, position)
  if (char === ':')
    return next === '=' ? { kind: 'declare', text: ':=' } : { kind: 'error', text: 'expected :=' }
  if (char === '=') return { kind: 'assign', text: '=' }
  if (char === '|') return { kind: 'pipe', text: '|' }
  if (char === '(') return { kind: 'leftParen', text: '(' }
  if (char === ')') return { kind: 'rightParen', text: ')' }
  if (char === '"') return quoted(source, position, 'string')
  if (char === "'") return quoted(source, position, 'charConstant')
  if (char === '`') return rawString(source, position)
  if (char === '$') return name(source, position, 'variable')
  if (char === '.' && !/[0-9]/.test(next)) return name(source, position, 'field')
  if (/[0-9.+-]/.test(char)) return number(source, position)
  WORD.lastIndex = position
  const word = WORD.exec(source)?.[0]
  if (word !== undefined) return identifier(source, position, word)
  const code = source.codePointAt(position) ?? 0
  if (code > 0x20 && code < 0x7f) return { kind: 'char', text: char }
  return { kind: 'error', text: `unrecognized character in action: ${unicode(code)}` }
}

function spaces(source: string, position: number): Piece {
  let end = position
  while (isSpace(source[end]) && (end === position || rightDelimiter(source, end) === undefined)) {
    end++
  }
  return { kind: 'space', text: source.slice(position, end) }
}

/** Go's `%#U`: U+003F '?'. */
function unicode(code: number): string {
  const hex = code.toString(16).toUpperCase().padStart(4, '0')
  return code < 0x20 || code === 0x7f ? `U+${hex}` : `U+${hex} '${String.fromCodePoint(code)}'`
}

function quoted(source: string, position: number, kind: 'string' | 'charConstant'): Piece {
  const quote = source[position]
  for (let end = position + 1; end < source.length; end++) {
    if (source[end] === '\\' && source[end + 1] !== '\n') end++
    else if (source[end] === '\n') break
    else if (source[end] === quote) return { kind, text: source.slice(position, end + 1) }
  }
  const what = kind === 'string' ? 'quoted string' : 'character constant'
  return { kind: 'error', text: `unterminated ${what}` }
}

function rawString(source: string, position: number): Piece {
  const end = source.indexOf('`', position + 1)
  if (end === -1) return { kind: 'error', text: 'unterminated raw quoted string' }
  return { kind: 'rawString', text: source.slice(position, end + 1) }
}

/** What may follow a name: white space, a closing brace, or punctuation of pipelines. */
function endsWord(source: string, position: number): boolean {
  const char = source[position]
  return (
    char === undefined ||
    isSpace(char) ||
    '.,|:)('.includes(char) ||
    source.startsWith('}}', position)
  )
}

function badCharacter(source: string, position: number): Piece {
  return { kind: 'error', text: `bad character ${unicode(source.codePointAt(position) ?? 0)}` }
}

function name(source: string, position: number, kind: 'variable' | 'field'): Piece {
  WORD.lastIndex = position + 1
  const word = WORD.exec(source)?.[0] ?? ''
  const end = position + 1 + word.length
  if (kind === 'field' && word === '') return { kind: 'dot', text: '.' }
  if (!endsWord(source, end)) return badCharacter(source, end)
  return { kind, text: source.slice(position, end) }
}

function identifier(source: string, position: number, word: string): Piece {
  if (!endsWord(source, position + word.length)) {
    return badCharacter(source, position + word.length)
  }
  if (KEYWORDS.has(word)) return { kind: 'keyword', text: word }
  if (word === 'true' || word === 'false') return { kind: 'bool', text: word }
  return { kind: word === 'nil' ? 'nil' : 'identifier', text: word }
}

function number(source: string, position: number): Piece {
  NUMBER.lastIndex = position
  const text = NUMBER.exec(source)?.[0] ?? ''
  const after = source[position + text.length]
  if (text === '' || (after && /[\p{L}\p{Nd}_]/u.test(after))) {
    const bad = source.slice(position, position + text.length + 1)
    return { kind: 'error', text: `bad number syntax: ${JSON.stringify(bad)}` }
  }
  return { kind: 'number', text }
}
