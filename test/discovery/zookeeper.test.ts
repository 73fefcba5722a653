import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { Answer } from '../../internal/discovery/discovery.ts'
import { sourceContract } from '../../internal/discovery/sources/contract.ts'
import { zookeeperSource } from '../../internal/discovery/sources/zookeeper/zookeeper.ts'
import { NO_FAULTS, realRegistry, until } from '../support/real-registry.ts'
import { serverOrSkip } from '../support/servers.ts'
import { scope } from '../support/source-scope.ts'
import { zooKeeperWriter } from '../support/zookeeper-writer.ts'

const PORT = 9240
const NODE = '/services/orders'
const signal = () => AbortSignal.timeout(8000)
const server = serverOrSkip('zookeeper')
const shown = ({ instances }: Answer) =>
  instances.map(({ host, port, weight, zone }) => `${host}:${port} ${weight} ${zone}`.trim()).join()

describe('a real ZooKeeper', { skip: server.skip }, () => {
  before(() => server.start())
  after(() => server.stop())

  sourceContract({
    name: 'zookeeper',
    service: 'orders',
    without: NO_FAULTS,
    async start() {
      const writer = await zooKeeperWriter(PORT)
      await writer.create('/services', '')
      await writer.create(NODE, '')
      const registry = realRegistry({
        source: () => zookeeperSource({ servers: `127.0.0.1:${PORT}` }, scope()),
        add: (host, port) => writer.create(`${NODE}/${host}:${port}`, ''),
        drop: (host, port) => writer.remove(`${NODE}/${host}:${port}`),
        removeService: () => writer.remove(NODE),
      })
      return {
        ...registry,
        async [Symbol.asyncDispose]() {
          await registry[Symbol.asyncDispose]()
          writer.close()
        },
      }
    },
  })

  it('reads what Curator itself registers, and sees it go with its session', async () => {
    const source = zookeeperSource({ servers: `127.0.0.1:${PORT}` }, scope())
    const over = new AbortController()
    let last = ''
    const watching = source.watch?.(
      'orders',
      (answer) => {
        last = shown(answer)
      },
      over.signal,
    )
    await server.call('curator', 'orders', 'i-3', '9393')
    await until(() => assert.equal(last, '127.0.0.1:9393 3 a'))
    await server.call('curator-stop', 'i-3')
    await until(() => assert.equal(last, ''))
    over.abort()
    await watching
    await source.close?.()
  })

  it('ends its watch when the server goes, and finds the service again when it is back', async () => {
    const source = zookeeperSource({ servers: `127.0.0.1:${PORT}` }, scope())
    const over = new AbortController()
    let last = 'nothing'
    const watch = () =>
      source.watch?.(
        'orders',
        (answer) => {
          last = shown(answer)
        },
        over.signal,
      )
    const watching = watch()
    watching?.catch(() => {}) // Looked at when the server has gone.
    await until(() => assert.equal(last, ''))
    await server.stop()
    await assert.rejects(async () => watching, { failure: 'unreachable' })
    await assert.rejects(source.ask('orders', signal()), { failure: 'unreachable' })
    await server.start()
    const writer = await zooKeeperWriter(PORT)
    for (const path of ['/services', NODE]) await writer.create(path, '')
    await writer.create(`${NODE}/a`, 'http://10.0.0.1:1/v2')
    const again = watch()
    await until(() => assert.equal(last, '10.0.0.1:1 1'))
    over.abort()
    await again
    writer.close()
    await source.close?.()
  })
})
