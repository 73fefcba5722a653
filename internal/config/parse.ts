import { extname } from 'node:path'
import { spellingsOf } from './aliases.ts'
import { parseError } from './failure.ts'
import { parseJson } from './parse-json.ts'
import {
  nodeAt,
  type Parsed,
  type ParsedDocument,
  type Position,
  positionsOf,
  type SourceNode,
} from './positions.ts'
import { jsonSource } from './source-json.ts'

/** Parses by the extension, exactly written: `.yml` and `.yaml`, `.toml`; everything else is JSON. */
export async function parseDocument(file: string, bytes: Buffer): Promise<ParsedDocument> {
  const text = bytes.toString('utf8')
  const parsed = await parseFormat(extname(file), bytes, text)
  if ('reason' in parsed) throw parseError(file, parsed.reason, parsed.position)
  let source: SourceNode | undefined
  let position: ((offset: number) => Position) | undefined
  return {
    document: parsed.document,
    text,
    ignoredFrom: parsed.ignoredFrom,
    locate(path, atKey) {
      source ??= parsed.source()
      position ??= positionsOf(text)
      if (source === undefined) return undefined
      const { node, isWhole } = nodeAt(source, path, spellingsOf)
      return position(atKey && isWhole ? node.keyStart : node.start)
    },
  }
}

/** The parsers of other formats are loaded only when a document needs them: JSON starts faster without. */
async function parseFormat(extension: string, bytes: Buffer, text: string): Promise<Parsed> {
  if (extension === '.yml' || extension === '.yaml')
    return (await import('./parse-yaml.ts')).parseYaml(text)
  if (extension === '.toml') return (await import('./parse-toml.ts')).parseToml(text)
  const parsed = parseJson(bytes)
  return 'reason' in parsed ? parsed : { document: parsed.document, source: () => jsonSource(text) }
}
