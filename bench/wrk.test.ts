import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { text } from 'node:stream/consumers'
import { type TestContext, test } from 'node:test'
import { serverOrSkip } from '../test/support/servers.ts'
import { splitCores } from './cores.ts'
import type { Exchange } from './exchange.ts'
import { load, writeScript } from './wrk.ts'

const { skip } = serverOrSkip('wrk')
const exchange: Exchange = {
  method: 'POST',
  body: '{"say":"\\"hi\\""}',
  headers: { 'X-All': 'one' },
  sent: [{ path: '/a' }, { path: '/b', headers: { 'X-Client': 'two' } }],
  answer: {},
}

async function loadServer(
  t: TestContext,
  answer: (request: IncomingMessage, response: ServerResponse) => void,
) {
  const server = createServer(answer).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const folder = await mkdtemp(path.join(os.tmpdir(), 'bench-'))
  t.after(async () => {
    server.close()
    await rm(folder, { recursive: true })
  })
  const { port } = server.address() as AddressInfo
  const script = await writeScript(folder, exchange)
  return await load({ port, seconds: 1, cores: splitCores(1, 1).load, script })
}

test('wrk sends all requests of an exchange in turn, with their headers and body', {
  skip,
}, async (t) => {
  const seen = new Map<string, number>()
  const { requests } = await loadServer(t, (request, response) => {
    const { url, method, headers } = request
    void text(request).then((body) => {
      const key = JSON.stringify([method, url, headers['x-all'], headers['x-client'], body])
      seen.set(key, (seen.get(key) ?? 0) + 1)
      response.end()
    })
  })
  const [first = 0, second = 0] = [...seen.values()]
  assert.deepEqual([...seen.keys()].toSorted(), [
    JSON.stringify(['POST', '/a', 'one', undefined, exchange.body]),
    JSON.stringify(['POST', '/b', 'one', 'two', exchange.body]),
  ])
  assert.ok(Math.abs(first - second) <= 64, `${first} and ${second} of ${requests}`)
})

test('one reply that fails fails the load', { skip }, async (t) => {
  let count = 0
  const loading = loadServer(t, (request, response) => {
    request.resume()
    count += 1
    response.writeHead(count === 100 ? 503 : 200).end()
  })
  await assert.rejects(loading, /replies failed/)
})
