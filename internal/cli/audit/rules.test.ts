import assert from 'node:assert/strict'
import { test } from 'node:test'
import { withNamespaces } from '../../config/aliases.ts'
import { decode } from '../../config/decode.ts'
import { rootDocument } from '../../config/document.ts'
import { ROOT } from '../../config/kinds.ts'
import { normalise } from '../../config/normalise.ts'
import type { JsonObject } from '../../pipe/pipe.ts'
import { findingsOf, table } from './findings.ts'
import recorded from './recorded.json' with { type: 'json' }
import { RULES } from './rules.ts'
import type { Subject } from './subject.ts'

const EVERY_SEVERITY = new Set(['CRITICAL', 'HIGH', 'MEDIUM', 'LOW'])
const NO_RULES = new Set<string>()

function subject(written: JsonObject): Subject {
  const document = withNamespaces(decode(written, ROOT).document)
  return { document, warnings: [], config: normalise(rootDocument(document), 'krakend.json') }
}

const found = (written: JsonObject): string[] =>
  findingsOf(subject(written), NO_RULES, EVERY_SEVERITY).map(({ rule }) => rule)

for (const { name, document, findings } of recorded.cases) {
  test(`finds what KrakenD's audit finds in: ${name}`, () => {
    assert.deepEqual(found(document as JsonObject), findings)
  })
}

test("prints each finding in KrakenD's words", () => {
  const lines: Readonly<Record<string, string>> = recorded.lines
  for (const rule of RULES) {
    if (lines[rule.rule] !== undefined) assert.equal(table([rule], false), `${lines[rule.rule]}\n`)
  }
})

test('numbers each rule once, in order', () => {
  const ids = RULES.map(({ rule }) => rule)
  assert.deepEqual(ids, [...new Set(ids)].toSorted())
})

test('takes no limit for one that stands where it does nothing', () => {
  const limit = { 'qos/ratelimit/router': { max_rate: 1 } }
  const backend = [{ host: ['http://a'], url_pattern: '/', extra_config: limit }]
  assert.ok(found({ version: 3, endpoints: [{ endpoint: '/a', backend }] }).includes('3.1.2'))
  const endpoints = [{ endpoint: '/a', backend, extra_config: limit }]
  assert.ok(!found({ version: 3, endpoints }).includes('3.1.2'))
})

test('finds basic authentication by its namespace, which KrakenD misses', () => {
  assert.ok(found({ version: 3, extra_config: { 'auth/basic': {} } }).includes('1.1.1'))
  const backend = [{ host: ['http://a'], url_pattern: '/' }]
  const endpoints = [{ endpoint: '/a', backend, extra_config: { 'auth/basic': {} } }]
  assert.ok(found({ version: 3, endpoints }).includes('1.1.1'))
})

for (const [rule, name] of [
  ['7.1.5', 'http-proxy'],
  ['7.1.6', 'static-filesystem'],
  ['7.1.7', 'no-redirect'],
] as const) {
  test(`finds the old client plugin ${name} where it stands, on a backend`, () => {
    const extra = { 'plugin/http-client': { name } }
    const backend = [{ host: ['http://a'], url_pattern: '/', extra_config: extra }]
    const ids = found({ version: 3, endpoints: [{ endpoint: '/a', backend }] })
    assert.deepEqual(
      ids.filter((id) => id.startsWith('7.')),
      [rule],
    )
  })
}

test('finds an endpoint without backends', () => {
  assert.ok(found({ version: 3, endpoints: [{ endpoint: '/a', backend: [] }] }).includes('5.2.1'))
})

test('leaves ignored rules and other severities out', () => {
  const one = findingsOf(subject({ version: 3 }), new Set(['3.1.1']), new Set(['LOW']))
  assert.deepEqual(
    one.map(({ rule }) => rule),
    ['5.2.2', '5.2.3'],
  )
})

test('reports what is meant to protect and does not', () => {
  const problem = { place: { path: 'extra_config.auth/own' }, message: 'unknown namespace' }
  const warnings = [problem, { ...problem, severity: 'error' as const }]
  const all = findingsOf({ ...subject({ version: 3 }), warnings }, NO_RULES, new Set(['CRITICAL']))
  const message = 'extra_config.auth/own: unknown namespace'
  assert.deepEqual(all, [{ rule: '8.1.1', severity: 'CRITICAL', message }])
})
