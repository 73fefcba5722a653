import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { JsonObject } from '../pipe/pipe.ts'
import { withNamespaces } from './aliases.ts'
import { compileValidation } from './compile.ts'
import { decode } from './decode.ts'
import { deepFreeze } from './deep-freeze.ts'
import { rootDocument } from './document.ts'
import { judgeDocument } from './judge-document.ts'
import { type Fields, type Kind, ROOT } from './kinds.ts'
import { normalise } from './normalise.ts'

const validation = compileValidation()
const namespaces = [
  ...Object.keys(validation.places),
  'github.com/devopsfaith/krakend-cel',
  'auth/nope',
  '@note',
]

/** Values that are sometimes of the right kind, and sometimes anything. */
function anyOf(kind: Kind): fc.Arbitrary<unknown> {
  const anything = fc.jsonValue({ maxDepth: 2 })
  const right = (): fc.Arbitrary<unknown> => {
    if (typeof kind === 'object')
      return 'list' in kind ? fc.array(anyOf(kind.list), { maxLength: 2 }) : objectOf(kind.fields)
    if (kind === 'extra')
      return fc.dictionary(fc.constantFrom(...namespaces), anything, { maxKeys: 2 })
    if (kind === 'texts') return fc.dictionary(fc.string(), fc.string(), { maxKeys: 2 })
    if (kind === 'bool') return fc.boolean()
    if (kind === 'duration') return fc.constantFrom('2s', '-1s', 5, '0')
    return kind === 'string'
      ? fc.constantFrom('/a/{id}', 'no-op', 'dns', 'http://a.b', '*', '{resp0_a}', '')
      : fc.integer()
  }
  return fc.oneof({ weight: 9, arbitrary: right() }, { weight: 1, arbitrary: anything })
}

function objectOf(fields: Fields): fc.Arbitrary<unknown> {
  const model = Object.fromEntries(Object.entries(fields).map(([key, kind]) => [key, anyOf(kind)]))
  return fc.record(model, { requiredKeys: [] })
}

test('whatever a document says, it is judged and completed without a crash', () => {
  const { version: _version, ...fields } = ROOT
  fc.assert(
    fc.property(objectOf(fields), (written) => {
      const plain: JsonObject = { ...JSON.parse(JSON.stringify(written)), version: 3 }
      const { document } = decode(plain, ROOT)
      const current = withNamespaces(document)
      const { errors, warnings } = judgeDocument(current, validation, {
        allowUnknownSecurity: true,
      })
      for (const { message } of [...errors, ...warnings]) assert.ok(message.length > 0)
      const config = deepFreeze(normalise(rootDocument(current), 'krakend.json'))
      assert.deepEqual(structuredClone(config), config)
    }),
    { numRuns: 500 },
  )
})
