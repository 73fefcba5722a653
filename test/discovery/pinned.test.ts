import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import { DnsServer } from '../support/dns-server.ts'
import { startGateway } from '../support/start-gateway.ts'

const ADDRESSES = ['127.0.0.1', '127.0.0.2']

test('each address of one name is an instance of its own, and hears that name and nothing else', async () => {
  const heard: object[] = []
  const server = createServer((request, response) => {
    const { host, authorization } = request.headers
    heard.push({ at: request.socket.localAddress, host, authorization })
    response.writeHead(200, { 'content-type': 'application/json' }).end('{}')
  })
  server.listen(0, '0.0.0.0')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const records = ADDRESSES.map((data) => ({ name: 'orders.test', type: 'A', ttl: 30, data }))
  const dns = await DnsServer.start(records as never)
  try {
    const backend = { sd: 'dns', host: [`orders.test:${port}`], url_pattern: '/' }
    await using gateway = await startGateway({
      extra_config: { 'discovery/dns': { servers: [`127.0.0.1:${dns.port}`] } },
      endpoints: [{ endpoint: '/who', backend: [backend] }],
    } as never)
    for (let call = 0; call < 4; call++) await (await fetch(`${gateway.url}/who`)).text()
    const host = `orders.test:${port}`
    const expected = ADDRESSES.map((at) => ({ at, host, authorization: undefined }))
    for (const one of expected)
      assert.equal(heard.filter((other) => JSON.stringify(other) === JSON.stringify(one)).length, 2)
  } finally {
    server.close()
    server.closeAllConnections()
    await dns.close()
  }
})
