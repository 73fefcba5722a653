import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseAllDocuments,
} from 'yaml'
import type { JsonValue } from '../pipe/pipe.ts'
import type { Parsed, SourceNode } from './positions.ts'

/** Parses the first YAML document of a text (1.2, with merge keys, as Go's yaml.v3); those behind it do not count. */
export function parseYaml(text: string): Parsed {
  const lines = new LineCounter()
  const [yaml, second] = parseAllDocuments(text, {
    merge: true,
    lineCounter: lines,
    prettyErrors: false,
    logLevel: 'error',
  })
  if (yaml === undefined) return { document: {}, source: () => undefined }
  const [error] = yaml.errors
  if (error !== undefined) {
    const { line, col: column } = lines.linePos(error.pos[0])
    return { reason: `yaml: line ${line}: ${error.message}`, position: { line, column } }
  }
  const value = plain(yaml)
  if (value instanceof Error) return { reason: `yaml: ${value.message}`, position: undefined }
  if (value === null) return { document: {}, source: () => undefined }
  if (typeof value === 'object' && !Array.isArray(value))
    return { document: value, source: () => sourceOf(yaml), ...ignored(second, lines) }
  const type = Array.isArray(value) ? '!!seq' : `!!${typeof value}`
  return {
    reason: `yaml: unmarshal errors:\n  line 1: cannot unmarshal ${type} into map[string]interface {}`,
    position: { line: 1, column: 1 },
  }
}

function ignored(second: Document.Parsed | undefined, lines: LineCounter) {
  if (second === undefined) return {}
  const { line, col: column } = lines.linePos(second.range[0])
  return { ignoredFrom: { line, column } }
}

/** The document's value; an error for one whose aliases would grow without end. */
function plain(yaml: Document.Parsed): JsonValue | Error {
  try {
    return yaml.toJS() as JsonValue
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error))
  }
}

function sourceOf(yaml: Document.Parsed): SourceNode | undefined {
  return yaml.contents === null ? undefined : nodeOf(yaml.contents, yaml, startOf(yaml.contents))
}

function nodeOf(written: Node, yaml: Document.Parsed, keyStart: number): SourceNode {
  const start = startOf(written)
  const node = isAlias(written) ? written.resolve(yaml) : written
  const members = new Map<string, SourceNode>()
  const items: SourceNode[] = []
  if (isMap<Node, Node | null>(node)) {
    for (const { key, value } of node.items) {
      const name = isScalar(key) ? String(key.value) : ''
      members.set(name, value === null ? emptyAt(startOf(key)) : nodeOf(value, yaml, startOf(key)))
    }
  } else if (isSeq<Node>(node)) {
    for (const item of node.items) items.push(nodeOf(item, yaml, startOf(item)))
  }
  return { start, keyStart, members, items }
}

function emptyAt(start: number): SourceNode {
  return { start, keyStart: start, members: new Map(), items: [] }
}

function startOf(node: Node): number {
  return node.range?.[0] ?? 0
}
