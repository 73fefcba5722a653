import type { JsonValue } from '../../../pipe/pipe.ts'

/** An expression that cannot be read; the message says where. */
export class JmespathError extends Error {}

export type Token = {
  readonly kind: string
  /** Where it starts, for messages. */
  readonly at: number
  readonly value: JsonValue
}

const BLANK = /[ \t\r\n]*/y
const NAME = /[A-Za-z_][A-Za-z0-9_]*/y
const NUMBER = /-?\d+/y
const QUOTED = /"(?:[^"\\\x00-\x1f]|\\.)*"/y
const RAW = /'((?:[^'\\]|\\[\s\S])*)'/y
const LITERAL = /`((?:[^`\\]|\\[\s\S])*)`/y
/** The longest first. */
const SIGNS = [
  ...['[?', '[]', '||', '&&', '==', '!=', '<=', '>='],
  ...['<', '>', '.', '*', ',', ':', '(', ')', '[', ']', '{', '}', '|', '!', '@', '&'],
]

/** The words of an expression; the last one is `end`. */
export function tokensOf(source: string): readonly Token[] {
  const tokens: Token[] = []
  let at = 0
  const take = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at
    return pattern.exec(source)
  }
  for (;;) {
    at += take(BLANK)?.[0].length ?? 0
    if (at === source.length) break
    const found = wordAt(take, source, at)
    tokens.push({ kind: found.kind, at, value: found.value })
    at += found.length
  }
  return [...tokens, { kind: 'end', at, value: '' }]
}

type Word = { readonly kind: string; readonly value: JsonValue; readonly length: number }

function wordAt(
  take: (pattern: RegExp) => RegExpExecArray | null,
  source: string,
  at: number,
): Word {
  const word = (kind: string, text: string, value: JsonValue): Word => ({
    kind,
    value,
    length: text.length,
  })
  const name = take(NAME)?.[0]
  if (name !== undefined) return word('name', name, name)
  const number = take(NUMBER)?.[0]
  if (number !== undefined) return word('number', number, Number(number))
  const quoted = take(QUOTED)?.[0]
  if (quoted !== undefined) return word('quoted', quoted, jsonOf(quoted, at))
  const raw = take(RAW)
  if (raw !== null) return word('literal', raw[0], (raw[1] ?? '').replaceAll("\\'", "'"))
  const literal = take(LITERAL)
  if (literal !== null)
    return word('literal', literal[0], jsonOf((literal[1] ?? '').replaceAll('\\`', '`'), at))
  const sign = SIGNS.find((each) => source.startsWith(each, at))
  if (sign !== undefined) return word(sign, sign, sign)
  throw new JmespathError(`unexpected ${JSON.stringify(source.charAt(at))} at ${at}`)
}

function jsonOf(text: string, at: number): JsonValue {
  try {
    return JSON.parse(text)
  } catch {
    throw new JmespathError(`no JSON at ${at}: ${text}`)
  }
}
