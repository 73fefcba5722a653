import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { registryOptions } from './registry-options.ts'
import { readSettings } from './settings.ts'

function settingsOf(written: Readonly<Record<string, string>>, env: Record<string, string> = {}) {
  const flags = {
    has: (name: string) => Object.hasOwn(written, name),
    text: (name: string) => written[name] ?? '',
  }
  return readSettings({ flags, env })
}

describe("a registry's options", () => {
  it('are those of the configuration while nothing else is said', () => {
    const extraConfig = { 'discovery/etcd': { timer: '1s' } }
    assert.equal(registryOptions(extraConfig, settingsOf({})), extraConfig)
  })

  it("are overridden by etcd's flags and variables, one by one", () => {
    const settings = settingsOf(
      { etcdurl: 'http://a:1,http://b:2', etcdtimer: '24000' },
      { GATEWAY_ETCDUSERNAME: 'me', GATEWAY_ETCDPASSWORD: 'pass-word' },
    )
    const extraConfig = { 'discovery/etcd': { timer: '1s', mode: 'poll' } }
    assert.deepEqual(registryOptions(extraConfig, settings)['discovery/etcd'], {
      ...{ endpoints: ['http://a:1', 'http://b:2'], timer: 24_000, mode: 'poll' },
      ...{ username: 'me', password: 'pass-word' },
    })
  })

  it('take a password as a flag, as WSO2 does', () => {
    assert.equal(settingsOf({ etcdpassword: 'x-y-z' }).etcdpassword, 'x-y-z')
  })
})
