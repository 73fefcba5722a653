import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Deadline } from '../pipe/deadline.ts'
import type { ClientRequest, Reply } from '../pipe/pipe.ts'
import { unrouted } from './built-in.ts'
import type { Found } from './router.ts'
import { routerFirst } from './router-first.ts'

const REFUSED: Reply = { status: 403, headers: ['X-Why', 'bot'], body: undefined }
const config = { errorBody404: undefined, errorBody405: undefined, hideVersionHeader: false }

/** What a client gets when the router finds `found` and the guards answer `guarded`. */
function replyTo(found: Found<string>, guarded = REFUSED): Promise<Reply> {
  const decorate = routerFirst({ find: () => found }, unrouted(config))
  const request = { method: 'GET', path: '/a/', rawQuery: '', headers: [] }
  return decorate(async () => guarded)(request as unknown as ClientRequest, {} as Deadline)
}

describe('the router before the guards of the service', () => {
  it('lets a redirect pass them by', async () => {
    const reply = await replyTo({ kind: 'redirect', path: '/a', isTrailingSlash: true })
    assert.equal(reply.status, 301)
  })
  it('names the allowed methods when they refuse another one, once', async () => {
    const found = { kind: 'method-not-allowed', allow: 'GET' } as const
    assert.deepEqual((await replyTo(found)).headers, ['Allow', 'GET', 'X-Why', 'bot'])
    const named = { ...REFUSED, headers: ['Allow', 'GET'] }
    assert.deepEqual((await replyTo(found, named)).headers, ['Allow', 'GET'])
  })
  it('leaves the rest to them', async () => {
    assert.equal(await replyTo({ kind: 'not-found' }), REFUSED)
    assert.equal(await replyTo({ kind: 'route', value: 'x', params: {} }), REFUSED)
  })
})
