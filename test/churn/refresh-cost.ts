import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { Worker } from 'node:worker_threads'
import { sources } from '../../internal/discovery/sources/table.ts'
import type { JsonObject } from '../../internal/pipe/pipe.ts'
import { scope } from '../support/source-scope.ts'
import { changeCost } from './change-cost.ts'
import { typicalMs } from './typical-ms.ts'

// node test/churn/refresh-cost.ts [COUNT...]: what reading a whole list costs the main thread, as a Markdown table.
// The registries are the tests' fakes, each in a thread of its own, which is not counted.
const LIMIT_MS = 60_000
const asked = process.argv.slice(2).map(Number)
const COUNTS = asked.length > 0 ? asked : [10, 100, 1000, 5000]

/** Where the fake is, as options of each source, and the service's name there. */
const ROWS: Readonly<Record<string, { options(address: string): JsonObject; service: string }>> = {
  dns: { options: (address) => ({ servers: [address] }), service: 'orders' },
  etcd: { options: (address) => ({ endpoints: [address] }), service: '/orders/' },
  eureka: { options: (address) => ({ host: address }), service: 'orders' },
  consul: { options: (address) => ({ address }), service: 'orders' },
  zookeeper: { options: (address) => ({ servers: address }), service: 'orders' },
  nacos: { options: (address) => ({ host: address }), service: 'orders' },
  kubernetes: { options: (address) => ({ address }), service: 'orders' },
}

async function readMs(
  sd: keyof typeof sources,
  options: JsonObject,
  service: string,
  count: number,
) {
  let failed = ''
  const ms = await typicalMs(async () => {
    const source = sources[sd](options, scope())
    const { instances } = await source
      .ask(service, AbortSignal.timeout(LIMIT_MS))
      .catch(() => ({ instances: [] }))
    if (instances.length !== count) failed = `${instances.length} of ${count}`
    await source.close?.()
  })
  return failed === '' ? ms.toFixed(1) : '—'
}

async function ofRegistry(sd: string, count: number): Promise<string> {
  const row = ROWS[sd]
  if (row === undefined) return '—'
  const file = new URL('./refresh-cost-registry.ts', import.meta.url)
  const registry = new Worker(file, { workerData: { sd, count } })
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  registry.once('message', resolve)
  registry.once('error', reject)
  try {
    return await readMs(sd as keyof typeof sources, row.options(await promise), row.service, count)
  } finally {
    await registry.terminate()
  }
}

async function ofFile(count: number): Promise<string> {
  const dir = await mkdtemp(path.join(os.tmpdir(), 'refresh-cost-'))
  const file = path.join(dir, 'hosts.json')
  const hosts = Array.from({ length: count }, (_, at) => `http://10.0.${at >> 8}.${at & 255}:8080`)
  await writeFile(file, JSON.stringify({ orders: hosts }))
  const ms = await readMs('file', { path: file }, 'orders', count)
  await rm(dir, { recursive: true })
  return ms
}

const line = (cells: readonly string[]) => process.stdout.write(`| ${cells.join(' | ')} |\n`)
async function row(title: string, cell: (count: number) => Promise<string>): Promise<void> {
  const cells: string[] = []
  for (const count of COUNTS) cells.push(await cell(count))
  line([title, ...cells])
}

line(['ms of one thread', ...COUNTS.map((count) => count.toLocaleString('en'))])
line(['---', ...COUNTS.map(() => '---:')])
for (const sd of Object.keys(ROWS)) await row(sd, (count) => ofRegistry(sd, count))
await row('file', ofFile)
await row('then, main thread', async (count) => (await changeCost(count)).mainMs.toFixed(1))
await row('then, each request thread', async (count) =>
  (await changeCost(count)).threadMs.toFixed(1),
)
await row('of that, at a time', async (count) => (await changeCost(count)).pieceMs.toFixed(2))
