import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { JsonValue } from '../pipe/pipe.ts'
import { parseToml } from './parse-toml.ts'
import type { SourceNode } from './positions.ts'
import { tomlSource } from './source-toml.ts'

const TEXT = `# a gateway
version = 3 # the format
port=8080
name = """two
"lines" # no comment"""
note = 'C:\\' # literal
when = 1979-05-27 07:32:00

[extra_config."telemetry/logging"]
level = "INFO"
"pre\\u0066ix" = '''x = [1'''

[[endpoints]]
endpoint = "/a"
timeout = "1s"
input_headers = [
  "A", # first
  "B",
]
  [[endpoints.backend]]
  url_pattern = "/b"
  extra_config = { "qos/http-cache" = { shared = true }, proxy.sequential = false }
  [endpoints.backend.mapping]
  a = "b"

[[endpoints]]
endpoint = "/c"
`

/** What begins at the place of each value, by path. */
function written(source: SourceNode, value: JsonValue, path = ''): Map<string, string> {
  const found = new Map([[path, TEXT.slice(source.start).split('\n', 1)[0] ?? '']])
  const below = (part: string, node: SourceNode | undefined, child: JsonValue | undefined) => {
    assert.ok(node !== undefined && child !== undefined, `${path}.${part} has no place`)
    for (const [at, text] of written(node, child, `${path}.${part}`)) found.set(at, text)
  }
  if (Array.isArray(value))
    value.forEach((item, at) => {
      below(String(at), source.items[at], item)
    })
  else if (typeof value === 'object' && value !== null)
    for (const [key, child] of Object.entries(value)) below(key, source.members.get(key), child)
  return found
}

test('every value of a TOML document has its place', () => {
  const parsed = parseToml(TEXT)
  assert.ok('document' in parsed)
  const places = written(tomlSource(TEXT), parsed.document)
  assert.equal(places.get('.port'), '8080')
  assert.equal(places.get('.extra_config.telemetry/logging.prefix'), "'''x = [1'''")
  assert.equal(places.get('.endpoints.0'), '[[endpoints]]')
  assert.equal(places.get('.endpoints.0.input_headers.1'), '"B",')
  assert.match(
    places.get('.endpoints.0.backend.0.extra_config.qos/http-cache.shared') ?? '',
    /^true/,
  )
  assert.match(places.get('.endpoints.0.backend.0.extra_config.proxy.sequential') ?? '', /^false/)
  assert.equal(places.get('.endpoints.0.backend.0.mapping.a'), '"b"')
  assert.equal(places.get('.endpoints.1.endpoint'), '"/c"')
})
