import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { Worker } from 'node:worker_threads'
import { AddressBook } from '../../internal/discovery/address-book.ts'
import { DEFAULT_CHOICE } from '../../internal/discovery/choice.ts'
import type { Found, Snapshot } from '../../internal/discovery/discovery.ts'
import { Pool } from '../../internal/discovery/pool.ts'
import { snapshot } from '../../internal/discovery/snapshot.ts'
import { sources } from '../../internal/discovery/sources/table.ts'
import type { JsonObject } from '../../internal/pipe/pipe.ts'
import { scope } from '../support/source-scope.ts'

// node test/churn/refresh-cost.ts [COUNT...]: what reading a whole list costs the main thread, as a Markdown table.
// The registries are the tests' fakes, each in a thread of its own, which is not counted.
const WARM_UP = 3
const ROUNDS = 20
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

/** Processor time of this thread: waiting for the registry, and what else runs on the machine, are free. */
async function busyMs(work: () => unknown): Promise<number> {
  const start = process.threadCpuUsage()
  await work()
  const { user, system } = process.threadCpuUsage(start)
  return (user + system) / 1000
}

/** The mean: the processor's clock ticks too coarsely for one round. The first ones compile. */
async function typicalMs(work: () => unknown): Promise<number> {
  for (let round = 0; round < WARM_UP; round++) await work()
  let sum = 0
  for (let round = 0; round < ROUNDS; round++) sum += await busyMs(work)
  return sum / ROUNDS
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

/** What follows for every source: rules, slots, the message to one thread, and there the new addresses. */
async function afterReading(count: number): Promise<readonly [string, string]> {
  let found: readonly Found[] = []
  let posted: Snapshot | undefined
  const pool = new Pool({
    choice: DEFAULT_CHOICE,
    links: [{ name: 'x', fixed: undefined, nameDefault: () => [] }],
    now: Date.now,
    timer: () => () => undefined,
    tell: ({ instances }) => {
      found = instances ?? []
    },
  })
  const polled = { isAsking: false, failures: 0, nextAtMs: undefined, lastError: undefined }
  let round = 0
  const main = await typicalMs(() => {
    const instances = Array.from({ length: count }, (_, at) => instance(round * count + at))
    round++
    const answer = { instances, notes: [] }
    pool.heard(0, polled, { result: 'success', answer, message: '', tookMs: 1 })
    posted = structuredClone(snapshot({ name: 'x', version: round, scheme: 'http', found }))
  })
  const list = posted
  if (list === undefined) throw new Error('nothing was posted')
  const book = new AddressBook(() => undefined)
  const thread = await typicalMs(() => {
    structuredClone(list)
    book.replace('x', list)
  })
  return [main.toFixed(1), thread.toFixed(1)]
}

/** Number `at` of all there ever were. */
const instance = (at: number): Found => ({
  ...{ host: `10.${(at >> 16) & 255}.${(at >> 8) & 255}.${at & 255}`, port: 8080, addresses: [] },
  ...{ basePath: '', weight: 1 + (at % 3), zone: 'a', metadata: { version: 'v2', id: `i-${at}` } },
})

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
await row('then, main thread', async (count) => (await afterReading(count))[0])
await row('then, each request thread', async (count) => (await afterReading(count))[1])
