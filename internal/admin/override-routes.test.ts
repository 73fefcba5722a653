import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import type { Override } from '../discovery/overrides.ts'
import { adminListener } from './admin-listener.ts'
import { overrideRoutes } from './override-routes.ts'

const TOKEN = 'a-token-of-operators'
const NOW = Date.UTC(2026, 0, 1)
const closings: (() => unknown)[] = []
after(() => Promise.all(closings.map((close) => close())))

async function start(token: string | undefined = TOKEN) {
  let overrides: readonly Override[] = []
  const lines: string[] = []
  const line = (...words: readonly unknown[]) => void lines.push(words.join(' '))
  const log = { debug: line, info: line, warning: line, error: line, critical: line }
  const desk = {
    now: () => NOW,
    names: () => ['orders', 'users'],
    overrides: () => overrides,
    override: (next: readonly Override[]) => {
      overrides = next
    },
    log,
  }
  const listener = await adminListener({
    host: '127.0.0.1',
    port: 0,
    isDefaultAddress: false,
    hosts: [],
    token: token === '' ? undefined : token,
    routes: overrideRoutes(desk),
    log,
  })
  closings.push(() => listener?.close())
  const ask = async (
    method: string,
    body?: unknown,
    query = '',
    headers: Record<string, string> = { authorization: `Bearer ${token}` },
  ) => {
    const url = `http://127.0.0.1:${listener?.port}/discovery/overrides${query}`
    const text = typeof body === 'string' ? body : JSON.stringify(body)
    const init = text === undefined ? {} : { body: text }
    const reply = await fetch(url, { method, headers, ...init })
    const answer = await reply.text()
    return { status: reply.status, text: answer }
  }
  return { ask, current: () => overrides, lines }
}
const EXCLUDE = { name: 'orders', kind: 'exclude', hosts: ['10.0.0.1:80'], for: '10m' }

describe('overrides on the admin listener', () => {
  it('start, are listed and end', async () => {
    const { ask, current, lines } = await start()
    const started = await ask('POST', { ...EXCLUDE, reason: 'it burns' })
    assert.equal(started.status, 201)
    const { id, until } = JSON.parse(started.text)
    assert.equal(until, '2026-01-01T00:10:00.000Z')
    assert.deepEqual(
      current(),
      [{ ...EXCLUDE, for: undefined, id, sd: '', reason: 'it burns', untilMs: NOW + 600_000 }].map(
        ({ for: _for, ...rest }) => rest,
      ),
    )
    assert.equal(JSON.parse((await ask('GET')).text).overrides.length, 1)
    assert.equal((await ask('DELETE', undefined, `?id=${id}`)).status, 200)
    assert.deepEqual(current(), [])
    assert.match(lines.join('\n'), /exclude 10\.0\.0\.1:80 of orders .*it burns\n.*ended/)
  })

  for (const [what, headers] of Object.entries({
    'without the token': {},
    'with another token': { authorization: 'Bearer guess' },
    'from a page of another origin': {
      authorization: `Bearer ${TOKEN}`,
      origin: 'http://evil.example',
    },
  })) {
    it(`are refused ${what}`, async () => {
      const { ask, current } = await start()
      assert.match(String((await ask('POST', EXCLUDE, '', headers)).status), /40[13]/)
      assert.deepEqual(current(), [])
    })
  }

  it('are refused on loopback too while no token is configured', async () => {
    const { ask, current } = await start('')
    const { status, text } = await ask('POST', EXCLUDE, '', {})
    assert.equal(status, 403)
    assert.match(text, /GATEWAY_ADMIN_TOKEN/)
    assert.equal((await ask('DELETE', undefined, '?id=x', {})).status, 403)
    assert.equal((await ask('GET', undefined, '', {})).status, 200)
    assert.deepEqual(current(), [])
  })

  for (const [what, body] of Object.entries({
    'no JSON': '{',
    'no object': [],
    'an unknown key': { ...EXCLUDE, minutes: 5 },
    'no name': { ...EXCLUDE, name: '' },
    'an unknown kind': { ...EXCLUDE, kind: 'remove' },
    'no hosts': { ...EXCLUDE, hosts: [] },
    'a host that is none': { ...EXCLUDE, hosts: ['http://user:pass@a'] },
    'no end': { ...EXCLUDE, for: undefined },
    'an end too far': { ...EXCLUDE, for: '25h' },
    'an end in the past': { ...EXCLUDE, for: '-5m' },
  })) {
    it(`are refused with ${what}`, async () => {
      const { ask, current } = await start()
      assert.equal((await ask('POST', body)).status, 400)
      assert.deepEqual(current(), [])
    })
  }

  it('are refused when they are too long or too many', async () => {
    const { ask, current } = await start()
    assert.equal((await ask('POST', `"${'x'.repeat(70_000)}"`)).status, 413)
    for (let count = 0; count < 100; count++) await ask('POST', EXCLUDE)
    assert.equal((await ask('POST', EXCLUDE)).status, 409)
    assert.equal(current().length, 100)
  })

  it('are refused for a list that is not there: nobody would notice a wrong name', async () => {
    const { ask, current } = await start()
    const { status, text } = await ask('POST', { ...EXCLUDE, name: 'ordres' })
    assert.deepEqual([status, /there are: orders, users/.test(text)], [404, true])
    assert.deepEqual(current(), [])
  })

  it('are not found under an unknown id', async () => {
    const { ask } = await start()
    assert.equal((await ask('DELETE', undefined, '?id=nobody')).status, 404)
  })
})
