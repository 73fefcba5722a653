import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { after, before, describe, it } from 'node:test'
import { startHttpServer } from '../../../test/support/http-server.ts'
import { scope } from '../../../test/support/source-scope.ts'
import { Registries } from '../registries.ts'
import { sources } from './table.ts'

/** As a user writes it, in a folder that has no packages: types only, and the helpers that come in. */
const MODULE = `
import type { UserSource } from 'gateway/discovery'

const mine: UserSource = (options, { helpers }) => {
  const client = helpers.registryClient({ members: [String(options['address'])] })
  return {
    async ask(service, signal) {
      const { status, text, who } = await client.call({ path: '/' + service }, signal)
      if (status === 404) throw helpers.failure('not-found', who + ': no such service')
      const instances = text.split('\\n').flatMap((line) => helpers.foundAtText(line) ?? [])
      return { instances, notes: [who + ': ' + instances.length + ' instances'] }
    },
    close: () => client.close(),
  }
}
export default mine
`

describe("a user's own module", () => {
  let dir = ''
  before(async () => {
    dir = await mkdtemp(path.join(os.tmpdir(), 'gateway-module-'))
  })
  after(() => rm(dir, { recursive: true }))

  async function written(name: string, text: string): Promise<string> {
    const file = path.join(dir, name)
    await writeFile(file, text)
    return file
  }
  const registries = (module: string, more: object = {}) =>
    new Registries(sources, { 'discovery/mine': { module, ...more } }, scope())

  it('is a registry like any other, also from a folder outside of the installation', async () => {
    await using registry = await startHttpServer((request, reply) => {
      if (request.url === '/orders') reply.end('10.0.0.1:1\nhttps://b/v2\n')
      else reply.writeHead(404).end()
    })
    const all = registries(await written('mine.ts', MODULE), { address: registry.url })
    const source = all.source({ sd: 'mine', registry: '' })
    const { instances } = await source.ask('orders', AbortSignal.timeout(5000))
    assert.deepEqual(
      instances.map(({ scheme, host, port, basePath }) => [scheme, host, port, basePath]),
      [
        [undefined, '10.0.0.1', 1, ''],
        ['https', 'b', 443, '/v2'],
      ],
    )
    await assert.rejects(source.ask('none', AbortSignal.timeout(5000)), {
      name: 'DiscoveryError',
      failure: 'not-found',
    })
    await all.closeAllBut(undefined)
  })

  it('may be plain JavaScript, and may stand in for a built-in registry', async () => {
    const text = `export default () => ({ ask: async () => ({ instances: [], notes: ['mine'] }) })`
    const module = await written('mine.mjs', text)
    const all = new Registries(sources, { 'discovery/consul': { module } }, scope())
    const { notes } = await all
      .source({ sd: 'consul', registry: '' })
      .ask('x', AbortSignal.timeout(1000))
    assert.deepEqual(notes, ['mine'])
  })

  for (const [name, text, reason] of [
    ['none.mjs', undefined, /cannot be loaded: Cannot find module/],
    ['broken.mjs', 'export default (', /cannot be loaded/],
    ['throws.mjs', 'throw new Error("not today")', /cannot be loaded: not today/],
    ['no-default.mjs', 'export const mine = 1', /no default export that is a function/],
    ['no-source.mjs', 'export default () => ({})', /ask\(service, signal\) is missing/],
  ] as const)
    it(`stops the start when it cannot work: ${name}`, async () => {
      const module = text === undefined ? path.join(dir, name) : await written(name, text)
      assert.throws(
        () => registries(module),
        (error: Error) => {
          assert.match(error.message, /extra_config\."discovery\/mine"\.module/)
          assert.match(error.message, reason)
          return true
        },
      )
    })
})
