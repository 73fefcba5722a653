import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { BackendConfig, EndpointConfig } from '../config/types.ts'
import { bytesSuffice } from './reads-data.ts'

const backend = (more: Partial<BackendConfig> = {}) =>
  ({ encoding: 'json', isCollection: false, group: '', extraConfig: {}, ...more }) as BackendConfig
const endpoint = (more: Partial<EndpointConfig> = {}) =>
  ({ outputEncoding: 'json', extraConfig: {}, backends: [backend()], ...more }) as EndpointConfig

describe('the bytes of an answer suffice', () => {
  it('for one backend and JSON', () => assert.equal(bytesSuffice(endpoint()), true))

  it('beside namespaces that never look inside', () => {
    const guarded = endpoint({ extraConfig: { 'auth/validator': {}, 'qos/ratelimit/router': {} } })
    assert.equal(bytesSuffice(guarded), true)
  })

  const groups = [backend({ group: 'user' }), backend({ group: 'orders' })]
  it('for several backends that stand under a name each', () =>
    assert.equal(bytesSuffice(endpoint({ backends: groups })), true))

  it('not when something reads, merges or prints the data', () => {
    const no: Partial<EndpointConfig>[] = [
      { extraConfig: { proxy: { static: {} } } },
      { extraConfig: { 'auth/signer': {} } },
      { backends: [backend({ extraConfig: { 'validation/cel': [] } })] },
      { backends: [backend(), backend({ group: 'orders' })] },
      { extraConfig: { proxy: { sequential: true } }, backends: groups },
      { outputEncoding: 'xml' },
      { outputEncoding: 'json-collection' },
      {
        outputEncoding: 'json-collection',
        backends: [backend({ isCollection: true, group: 'list' })],
      },
    ]
    for (const more of no) assert.equal(bytesSuffice(endpoint(more)), false, JSON.stringify(more))
  })

  it('for the list of a collection, whose bytes are sent alone', () => {
    const list = { outputEncoding: 'json-collection', backends: [backend({ isCollection: true })] }
    assert.equal(bytesSuffice(endpoint(list)), true)
  })
})
