import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, before, describe, it } from 'node:test'
import type { Answer } from '../../internal/discovery/discovery.ts'
import { sourceContract } from '../../internal/discovery/sources/contract.ts'
import { zookeeperSource } from '../../internal/discovery/sources/zookeeper/zookeeper.ts'
import { stateFolder } from '../servers/table.ts'
import { NO_FAULTS, realRegistry, until } from '../support/real-registry.ts'
import { serverOrSkip } from '../support/servers.ts'
import { scope } from '../support/source-scope.ts'
import { zooKeeperWriter } from '../support/zookeeper-writer.ts'

const PORT = 9240
const SECURE_PORT = 9242
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

  it('reads nodes that only its user may read, with the password of now', async () => {
    const dir = await mkdtemp(path.join(tmpdir(), 'zookeeper-'))
    const password_file = path.join(dir, 'password')
    const owner = { username: 'shop', password: 's3cret' }
    const writer = await zooKeeperWriter(PORT)
    await writer.create('/private', '')
    await writer.create('/private/orders', '', owner)
    await writer.create('/private/open', '')
    await writer.create('/private/open/10.0.0.1:1', '', owner)
    const start = (more: object) =>
      zookeeperSource({ servers: `127.0.0.1:${PORT}`, path: '/private', ...more }, scope())
    const anybody = start({})
    await writeFile(password_file, 'wrong\n')
    const user = start({ username: 'shop', password_file })
    const mayNot = { failure: 'unreachable', message: /no right to read this node/ }
    for (const service of ['orders', 'open'])
      for (const source of [anybody, user])
        await assert.rejects(source.ask(service, signal()), mayNot)
    await writeFile(password_file, 's3cret\n')
    await user.close?.()
    const again = start({ username: 'shop', password_file })
    assert.deepEqual(shown(await again.ask('orders', signal())), '')
    assert.deepEqual(shown(await again.ask('open', signal())), '10.0.0.1:1 1')
    writer.close()
    for (const source of [anybody, again]) await source.close?.()
    await rm(dir, { recursive: true })
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

describe('the secure client port of a real ZooKeeper', { skip: server.skip }, () => {
  before(() => server.start('tls'))
  after(() => server.stop())
  const file = (name: string) => path.join(stateFolder(), 'tls', name)
  const start = (more: object) =>
    zookeeperSource({ servers: `localhost:${SECURE_PORT}`, ...more }, scope())
  const files = {
    ca_file: file('ca.crt'),
    cert_file: file('client.crt'),
    key_file: file('client.key'),
  }

  it('is read over TLS with a certificate of our own, and watched', async () => {
    const writer = await zooKeeperWriter(PORT)
    for (const node of ['/services', NODE]) await writer.create(node, '')
    const source = start(files)
    const over = new AbortController()
    let last = 'nothing'
    const watching = source.watch?.(
      'orders',
      (answer) => {
        last = shown(answer)
      },
      over.signal,
    )
    await until(() => assert.equal(last, ''))
    await writer.create(`${NODE}/10.0.0.1:1`, '')
    await until(() => assert.equal(last, '10.0.0.1:1 1'))
    over.abort()
    await watching
    await source.close?.()
    writer.close()
  })

  it('takes nobody without a certificate, and is not trusted by everybody', async () => {
    const { ca_file, ...own } = files
    for (const options of [{ ca_file }, { tls: true, ...own }]) {
      const source = start(options)
      await assert.rejects(source.ask('orders', signal()), { failure: 'unreachable' })
      await source.close?.()
    }
  })
})
