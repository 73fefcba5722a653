import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decode } from '../../config/decode.ts'
import { rootDocument } from '../../config/document.ts'
import { ROOT } from '../../config/kinds.ts'
import { normalise } from '../../config/normalise.ts'
import type { ServiceConfig } from '../../config/types.ts'
import { ConfigError } from '../../errors.ts'
import type { JsonValue } from '../../pipe/pipe.ts'
import { tryToBuild } from './trial.ts'

const LIMIT = 1_000
const host = ['http://127.0.0.1:99']
const backend = [{ host, url_pattern: '/' }]

function config(...endpoints: string[]): ServiceConfig {
  return configOf(endpoints.map((endpoint) => ({ endpoint, backend })))
}

function configOf(endpoints: JsonValue[]): ServiceConfig {
  const document = { version: 3, endpoints }
  return normalise(rootDocument(decode(document, ROOT).document), 'krakend.json')
}

test('builds what is in order and opens nothing', async () => {
  const before = process.getActiveResourcesInfo().length
  await tryToBuild(config('/a', '/b/{id}', '/c/*'), LIMIT)
  assert.equal(process.getActiveResourcesInfo().length, before)
})

for (const [what, ...endpoints] of [
  ['two equal paths', '/a', '/a'],
  ['two names for one placeholder', '/a/{b}/c', '/a/{d}/e'],
] as const) {
  test(`names both endpoints of a conflict: ${what}`, async () => {
    await assert.rejects(tryToBuild(config('/x', ...endpoints), LIMIT), (error) => {
      assert.ok(error instanceof ConfigError)
      assert.match(error.message, /endpoints\[2\]/)
      assert.match(error.message, /endpoints\[1\]/)
      return true
    })
  })
}

test('finds what cannot work in an endpoint', async () => {
  const shadow = { host, url_pattern: '/', extra_config: { proxy: { shadow: true } } }
  await assert.rejects(
    tryToBuild(configOf([{ endpoint: '/a', backend: [shadow] }]), LIMIT),
    (error) => error instanceof ConfigError && /shadow/.test(error.message),
  )
})
