import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { after, before, describe, it } from 'node:test'
import { promisify } from 'node:util'
import { sourceContract } from '../../internal/discovery/sources/contract.ts'
import { moduleSource } from '../../internal/discovery/sources/module-source.ts'
import type { JsonObject } from '../../internal/pipe/pipe.ts'
import { sendJson, startFakeRegistry } from '../support/fake-registry.ts'
import { gatewayCommand } from '../support/gateway-process.ts'
import { startHttpServer } from '../support/http-server.ts'
import { send, until } from '../support/real-registry.ts'
import { scope } from '../support/source-scope.ts'
import { startGateway } from '../support/start-gateway.ts'

const MOST_LINES = 60
const TOKEN = 'a-token-of-nobody'
const ENV = { FC_ENABLE: '1', COPILOT_SERVICE_DISCOVERY_ENDPOINT: 'test.my-app.local' }
const ROOT = path.resolve(import.meta.dirname, '../..')
const file = path.join(ROOT, 'docs/registries.md')
/** The module and its example stand in `docs/discovery.md`. */
const sections = readFileSync(path.join(ROOT, 'docs/discovery.md'), 'utf8').split(/^(?=## )/m)
const own = sections.find((section) => section.startsWith('## A registry of your own\n')) ?? ''
const page = readFileSync(file, 'utf8') + own
const blocks = (language: string): string[] =>
  [...page.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, 'gms'))].map(
    ([, text = '']) => text,
  )
const [module = ''] = blocks('ts')
const files = { 'mine.ts': module, 'hosts.json': '{"orders": {"http://127.0.0.1:1": 3}}' }
/** The heading that an example stands under. */
const titleOf = (block: string): string =>
  [...page.slice(0, page.indexOf(block)).matchAll(/^## (.*)$/gm)].at(-1)?.[1] ?? ''

describe('docs/registries.md', () => {
  let dir = ''
  before(async () => {
    dir = await mkdtemp(path.join(os.tmpdir(), 'registries-page-'))
    for (const [name, text] of Object.entries(files)) await writeFile(path.join(dir, name), text)
  })
  after(() => rm(dir, { recursive: true }))

  it('has an example for every kind of registry', () => {
    const all = blocks('json').join()
    for (const sd of [
      'dns',
      'etcd',
      'eureka',
      'consul',
      'zookeeper',
      'nacos',
      'kubernetes',
      'file',
    ])
      assert.ok(all.includes(`"discovery/${sd}"`), sd)
  })

  it('links only to what exists', () => {
    const links = [...page.matchAll(/\]\(([^)#]+)(?:#[^)]*)?\)/g)].map(([, link]) => link ?? '')
    for (const link of links) assert.ok(existsSync(path.resolve(path.dirname(file), link)), link)
  })

  for (const block of blocks('json'))
    it(`shows a file for ${titleOf(block)} that passes every check, and starts`, async () => {
      const config = path.join(dir, 'krakend.json')
      await writeFile(config, block)
      const [program, ...words] = gatewayCommand()
      const { stderr } = await promisify(execFile)(
        program,
        [...words, 'check', '-t', '-l', '-c', config],
        { cwd: dir, env: { PATH: process.env['PATH'], ...ENV } },
      )
      assert.match(stderr, /^Parsing configuration file: .*\nSyntax OK!\n$/)
      await using gateway = await startGateway(JSON.parse(block), { files, env: ENV })
      assert.equal(JSON.parse(await send(`${gateway.url}/__health`)).status, 'ok')
    })

  it(`builds a registry in at most ${MOST_LINES} lines, which the gateway runs`, async () => {
    assert.ok(module.trimEnd().split('\n').length <= MOST_LINES)
    await using upstream = await startHttpServer((_request, reply) => {
      reply.setHeader('content-type', 'application/json')
      reply.end('{"from":"upstream"}')
    })
    await using registry = await startFakeRegistry(({ path: asked, headers, reply }) => {
      assert.deepEqual([asked, headers.authorization], ['/v1/services/orders', `Bearer ${TOKEN}`])
      const up = { address: `127.0.0.1:${upstream.port}`, state: 'up', weight: 2 }
      sendJson(reply, { instances: [up, { address: '127.0.0.1:1', state: 'down' }] })
    })
    const block = blocks('json').find((one) => one.includes('"discovery/mine"')) ?? ''
    const config: JsonObject = JSON.parse(block)
    const options = { module: './mine.ts', address: registry.url, token: TOKEN }
    await using gateway = await startGateway(
      { ...config, extra_config: { 'discovery/mine': options } },
      { files, workers: 4 },
    )
    await until(async () =>
      assert.deepEqual(JSON.parse(await send(`${gateway.url}/orders/7`)), { from: 'upstream' }),
    )
    assert.ok(!gateway.output().includes(TOKEN))
  })
})

let folder = ''
before(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'registries-module-'))
  await writeFile(path.join(folder, 'mine.ts'), module)
})
after(() => rm(folder, { recursive: true }))

sourceContract({
  name: 'of docs/discovery.md',
  service: 'orders',
  secrets: [TOKEN],
  async start() {
    let hosts: readonly string[] | undefined = []
    const fake = await startFakeRegistry(({ reply }) => {
      if (hosts === undefined) return void reply.writeHead(404).end()
      sendJson(reply, { instances: hosts.map((address) => ({ address, state: 'up' })) })
    })
    return {
      ...fake,
      source: () =>
        moduleSource('mine', path.join(folder, 'mine.ts'))(
          { address: fake.url, token: TOKEN },
          scope(),
        ),
      set(next) {
        hosts = next
      },
      remove() {
        hosts = undefined
      },
    }
  },
})
