import { parse } from 'smol-toml'
import type { SourceNode } from './positions.ts'

/** A node that still grows: TOML may come back to a table further down. */
type Growing = {
  readonly start: number
  readonly keyStart: number
  readonly members: Map<string, Growing>
  readonly items: Growing[]
}

const BLANK = /(?:\s|#[^\n]*)*/y
const SPACE = /[ \t]*/y
const KEY = /[\w-]+|"(?:[^"\\]|\\.)*"|'[^']*'/y
const VALUE =
  /"""(?:[^\\]|\\[\s\S])*?"{3,5}|'''[\s\S]*?'{3,5}|"(?:[^"\\]|\\.)*"|'[^']*'|\d{4}-\d\d-\d\d \d\d[^\s,\]}#]*|[^\s,\]}#]+/y

const node = (start: number, keyStart: number): Growing => ({
  start,
  keyStart,
  members: new Map(),
  items: [],
})

/** Where every value of a TOML text stands. The text must be valid: its parser has read it. */
export function tomlSource(text: string): SourceNode {
  let at = 0

  function take(pattern: RegExp): string {
    pattern.lastIndex = at
    const match = pattern.exec(text)?.[0] ?? ''
    at += match.length
    return match
  }

  function takes(mark: string): boolean {
    if (!text.startsWith(mark, at)) return false
    at += mark.length
    return true
  }

  /** `a."b c".d`, and where its last part begins. */
  function dotted(): { parts: string[]; keyStart: number } {
    const parts: string[] = []
    let keyStart = at
    do {
      take(SPACE)
      keyStart = at
      parts.push(plainKey(take(KEY)))
      take(SPACE)
    } while (takes('.'))
    return { parts, keyStart }
  }

  function header(root: Growing): Growing {
    const start = at
    const isItem = takes('[[')
    if (!isItem) at++
    const { parts } = dotted()
    at += isItem ? 2 : 1
    const [last = ''] = parts.splice(-1)
    const table = member(
      parts.reduce((from, part) => current(member(from, part, start)), root),
      last,
      start,
    )
    if (!isItem) return current(table)
    const item = node(start, start)
    table.items.push(item)
    return item
  }

  function pair(table: Growing): void {
    const { parts, keyStart } = dotted()
    at++
    const [last = ''] = parts.splice(-1)
    const parent = parts.reduce((from, part) => member(from, part, keyStart), table)
    parent.members.set(last, value(keyStart))
  }

  function value(keyStart?: number): Growing {
    take(BLANK)
    const found = node(at, keyStart ?? at)
    if (takes('[')) listed(']', () => found.items.push(value()))
    else if (takes('{')) listed('}', () => pair(found))
    else take(VALUE)
    return found
  }

  function listed(end: string, one: () => unknown): void {
    for (take(BLANK); at < text.length && !takes(end); take(BLANK)) {
      one()
      take(BLANK)
      takes(',')
    }
  }

  const root = node(0, 0)
  let table = root
  for (take(BLANK); at < text.length; take(BLANK))
    if (text[at] === '[') table = header(root)
    else pair(table)
  return root
}

function member(from: Growing, key: string, start: number): Growing {
  const known = from.members.get(key)
  if (known !== undefined) return known
  const made = node(start, start)
  from.members.set(key, made)
  return made
}

/** Of an array of tables, a header means the last one. */
const current = (table: Growing): Growing => table.items.at(-1) ?? table

/** The key without its quotes and escapes. */
function plainKey(written: string): string {
  if (!/^["']/.test(written)) return written
  const [key = ''] = Object.keys(parse(`${written} = 0`))
  return key
}
