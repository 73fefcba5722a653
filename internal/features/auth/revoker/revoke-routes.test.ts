import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { adminListener } from '../../../admin/admin-listener.ts'
import { revokeRoutes } from './revoke-routes.ts'

const SILENT = { debug() {}, info() {}, warning() {}, error() {}, critical() {} }

async function start({ apiKey = '', token }: { apiKey?: string; token?: string }) {
  const revoked: string[] = []
  const listener = await adminListener({
    host: '127.0.0.1',
    port: 0,
    isDefaultAddress: false,
    hosts: [],
    token,
    routes: revokeRoutes({
      tokenKeys: ['jti'],
      apiKey,
      revoke: async (items) => void revoked.push(...items),
      isRevoked: (item) => revoked.includes(item),
    }),
    log: SILENT,
  })
  const url = `http://127.0.0.1:${listener?.port}/revoke`
  const push = async (authorization: string) => {
    const headers = authorization === '' ? {} : { authorization }
    return (await fetch(url, { method: 'POST', headers, body: '{"jti":"a"}' })).status
  }
  return { push, revoked, [Symbol.asyncDispose]: async () => listener?.close() }
}

describe('POST /revoke', () => {
  it('is refused on this machine too while there is neither an api_key nor a token', async () => {
    await using desk = await start({})
    assert.equal(await desk.push(''), 403)
    assert.equal(await desk.push('Bearer guessed'), 403)
    assert.deepEqual(desk.revoked, [])
  })

  it('wants the token of the admin listener', async () => {
    await using desk = await start({ token: 'operators' })
    assert.equal(await desk.push(''), 401)
    assert.equal(await desk.push('Bearer guessed'), 401)
    assert.deepEqual(desk.revoked, [])
    assert.equal(await desk.push('Bearer operators'), 200)
    assert.deepEqual(desk.revoked, ['jti-a'])
  })

  it('wants the api_key instead where there is one: who revokes need not be an operator', async () => {
    await using desk = await start({ apiKey: 'push-key', token: 'operators' })
    assert.equal(await desk.push(''), 401)
    assert.equal(await desk.push('Bearer operators'), 401)
    assert.equal(await desk.push('Bearer push-key'), 200)
  })
})
