import type { JsonObject } from '../pipe/pipe.ts'
import type { Path } from './problem.ts'

/** A line and column of a text; both start at 1. */
export type Position = { readonly line: number; readonly column: number }

/** Where a value stands in a text, and what it holds. Offsets count characters. */
export type SourceNode = {
  readonly start: number
  /** Where the key it stands under begins. */
  readonly keyStart: number
  readonly members: ReadonlyMap<string, SourceNode>
  readonly items: readonly SourceNode[]
}

/** A document that was read, and where in its text things stand. */
export type ParsedDocument = {
  readonly document: JsonObject
  readonly text: string
  /** Where a further document begins in the same text, of which nothing is read. */
  readonly ignoredFrom: Position | undefined
  /** Where the value at `path` (or its key) stands; the nearest thing around it when it has no place of its own. */
  locate(path: Path, atKey: boolean): Position | undefined
}

/** What one format's parser answers. */
export type Parsed =
  | {
      readonly document: JsonObject
      readonly source: () => SourceNode | undefined
      /** Where a further document begins, of which nothing is read. */
      readonly ignoredFrom?: Position
    }
  | { readonly reason: string; readonly position: Position | undefined }

/** Other spellings under which a key may stand in the text. */
export type Spellings = (key: string) => readonly string[]

/** The deepest value along `path` that the text has: the rest of the path came from elsewhere or was implied. */
export function nodeAt(
  root: SourceNode,
  path: Path,
  spellings: Spellings,
): { node: SourceNode; isWhole: boolean } {
  let node = root
  for (const part of path) {
    const next = typeof part === 'number' ? node.items[part] : member(node, part, spellings)
    if (next === undefined) return { node, isWhole: false }
    node = next
  }
  return { node, isWhole: true }
}

function member(node: SourceNode, key: string, spellings: Spellings): SourceNode | undefined {
  const exact = node.members.get(key)
  if (exact !== undefined) return exact
  for (const other of spellings(key)) {
    const found = node.members.get(other)
    if (found !== undefined) return found
  }
  for (const [name, found] of node.members) if (name.toLowerCase() === key) return found
  return undefined
}

/** Line and column of offsets in `text`. */
export function positionsOf(text: string): (offset: number) => Position {
  const starts = [0]
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1)
  return (offset) => {
    let low = 0
    let high = starts.length - 1
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if ((starts[middle] ?? 0) <= offset) low = middle
      else high = middle - 1
    }
    return { line: low + 1, column: offset - (starts[low] ?? 0) + 1 }
  }
}
