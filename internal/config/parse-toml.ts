import { parse, TomlDate, TomlError, type TomlTable, type TomlValue } from 'smol-toml'
import type { JsonObject, JsonValue } from '../pipe/pipe.ts'
import type { Parsed } from './positions.ts'
import { tomlSource } from './source-toml.ts'

/** Parses a TOML document. */
export function parseToml(text: string): Parsed {
  try {
    return { document: plainTable(parse(text)), source: () => tomlSource(text) }
  } catch (error) {
    if (!(error instanceof TomlError)) throw error
    const [reason = error.message] = error.message.split('\n')
    return { reason: `toml: ${reason}`, position: { line: error.line, column: error.column } }
  }
}

function plainTable(table: TomlTable): JsonObject {
  return Object.fromEntries(Object.entries(table).map(([key, value]) => [key, plain(value)]))
}

/** TOML's dates become texts: no key of a configuration takes one. */
function plain(value: TomlValue): JsonValue {
  if (value instanceof TomlDate) return value.toISOString()
  if (Array.isArray(value)) return value.map(plain)
  if (typeof value === 'bigint') return Number(value)
  return typeof value === 'object' ? plainTable(value) : value
}
