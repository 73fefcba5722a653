import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type Server } from 'node:net'
import { describe, it } from 'node:test'
import { listeningAt, requireFreePort } from './free-port.ts'

async function listening(host: string): Promise<{ server: Server; port: number }> {
  const server = createServer((socket) => socket.destroy())
  server.listen(0, host)
  await once(server, 'listening')
  return { server, port: (server.address() as { port: number }).port }
}

describe('requireFreePort', () => {
  it('refuses a port that another socket listens on, by whatever address', async () => {
    const { server, port } = await listening('127.0.0.1')
    for (const host of ['', '127.0.0.1', '0.0.0.0'])
      await assert.rejects(requireFreePort(port, host), { code: 'EADDRINUSE' })
    server.close()
  })

  it('accepts a port whose listener is on another address, and one that nobody has', async () => {
    const { server, port } = await listening('127.0.0.1')
    await requireFreePort(port, '127.0.0.2')
    server.close()
    await once(server, 'close')
    await requireFreePort(port, '')
  })

  it('reads listening sockets only, from the kernel table', () => {
    const table = [
      '  sl  local_address rem_address   st tx_queue rx_queue',
      '   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000',
      '   1: 0100007F:1F90 0100007F:D431 01 00000000:00000000',
      '   2: 00000000:1F91 00000000:0000 0A 00000000:00000000',
    ].join('\n')
    assert.deepEqual(listeningAt(table, 8080), ['0100007F'])
  })
})
