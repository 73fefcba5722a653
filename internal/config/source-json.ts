import type { SourceNode } from './positions.ts'

const NO_MEMBERS: ReadonlyMap<string, SourceNode> = new Map()
const NO_ITEMS: readonly SourceNode[] = []
const SPACE = /[ \t\n\r]*/y
const STRING = /"(?:[^"\\]|\\.)*"/y
const SCALAR = /[^\s,\]}]+/y

/** Where every value of a JSON text stands. The text must be valid: `JSON.parse` has read it. */
export function jsonSource(text: string): SourceNode {
  let at = 0

  function take(pattern: RegExp): string {
    pattern.lastIndex = at
    const match = pattern.exec(text)?.[0] ?? ''
    at += match.length
    return match
  }

  /** After a member or item: true while another one follows. */
  function hasNext(): boolean {
    take(SPACE)
    return text[at++] === ','
  }

  function value(keyStart: number): SourceNode {
    take(SPACE)
    const start = at
    const key = keyStart < 0 ? start : keyStart
    if (text[at] === '{') return { start, keyStart: key, members: members(), items: NO_ITEMS }
    if (text[at] === '[') return { start, keyStart: key, members: NO_MEMBERS, items: items() }
    take(text[at] === '"' ? STRING : SCALAR)
    return { start, keyStart: key, members: NO_MEMBERS, items: NO_ITEMS }
  }

  function members(): ReadonlyMap<string, SourceNode> {
    const found = new Map<string, SourceNode>()
    at++
    take(SPACE)
    if (text[at] === '}') return skip(found)
    do {
      take(SPACE)
      const keyStart = at
      const key: string = JSON.parse(take(STRING))
      take(SPACE)
      at++
      found.set(key, value(keyStart))
    } while (hasNext())
    return found
  }

  function items(): readonly SourceNode[] {
    const found: SourceNode[] = []
    at++
    take(SPACE)
    if (text[at] === ']') return skip(found)
    do found.push(value(-1))
    while (hasNext())
    return found
  }

  function skip<T>(result: T): T {
    at++
    return result
  }

  return value(-1)
}
