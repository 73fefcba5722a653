import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Finding, table } from './findings.ts'
import { FormatError, render } from './render.ts'

const FINDINGS: readonly Finding[] = [
  { rule: '1.2.1', severity: 'HIGH', message: 'Use <JWT> & co.' },
  { rule: '3.1.1', severity: 'LOW', message: 'Detect bots.' },
]

test('marshal prints JSON as Go does, with < > & escaped', () => {
  assert.equal(
    render('found={{ marshal .Recommendations }}', FINDINGS.slice(0, 1)),
    'found=[{"rule":"1.2.1","severity":"HIGH","message":"Use \\u003cJWT\\u003e \\u0026 co."}]',
  )
})

test('marshal of everything names recommendations and stats', () => {
  assert.equal(render('{{ marshal . }}', []), '{"recommendations":[],"stats":{}}')
})

test('range visits each finding by its Go names', () => {
  const template =
    '{{ range .Recommendations }}{{ .Rule }}|{{ .Severity }}|{{ .Message }};{{ end }}'
  assert.equal(render(template, FINDINGS), '1.2.1|HIGH|Use <JWT> & co.;3.1.1|LOW|Detect bots.;')
})

test('colored paints a severity', () => {
  const template = '{{ range .Recommendations }}{{ colored .Severity }}{{ end }}'
  assert.equal(render(template, FINDINGS), '\u001b[31;1mHIGH\u001b[0m\u001b[32;1mLOW\u001b[0m')
})

test('a template that cannot be read is an error of that step', () => {
  assert.throws(
    () => render('{{ range }', FINDINGS),
    (error) => error instanceof FormatError && error.step === 'parsing the template',
  )
})

test('a template reaches nothing but the findings', () => {
  for (const path of ['.constructor', '.__proto__', '.Stats.constructor']) {
    let rendered = ''
    try {
      rendered = render(`{{ ${path} }}`, FINDINGS)
    } catch (error) {
      assert.ok(error instanceof FormatError)
    }
    assert.doesNotMatch(rendered, /function|native|object/i)
  }
})

test('colours appear in the table only when asked for', () => {
  assert.doesNotMatch(table(FINDINGS, false), /\u001b/)
  assert.match(table(FINDINGS, true), /\[\u001b\[31;1mHIGH\u001b\[0m\]/)
})
