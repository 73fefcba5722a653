import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import type { JsonObject } from '../../internal/pipe/pipe.ts'
import type { ServerName } from '../servers/table.ts'
import { until } from '../support/real-registry.ts'
import { serverOrSkip } from '../support/servers.ts'
import { type RunningGateway, startGateway } from '../support/start-gateway.ts'
import { runWrk, type WrkResult } from '../support/wrk.ts'
import { countingUpstreams, type Upstreams } from './counting-upstreams.ts'
import { fillPools } from './fill-pools.ts'

const SECONDS = process.env['TEST_LONG'] === '1' ? 30 : 10
/** A storm that does not end by itself: the registry never came back. */
const LIMIT_SECONDS = SECONDS + 90
const THREADS = [1, 4]
const CONNECTIONS = 32
/** Nobody is late here: other tests run beside this one. */
const TIMEOUT_SECONDS = 20
const HOSTS = 12
/** Hosts in the pool at once, and how many of them leave (and as many join) each time. */
const POOL = 6
const TURNED = 2
const TURN_MS = 500
/** A round of load adds memory while code is compiled and heaps find their size; two that add less than this are enough. */
const ROUND_SECONDS = 2
const MOST_ROUNDS = 10
const LEVEL_ROUNDS = 2
const LEVEL = 1.03
const OUTAGE_MS = 1500
/** What came back may have been empty for a while, so that the guard waits before it believes it. */
const RETURN_LIMIT_MS = 60_000
const GROWTH = 1.1
/** Kept by each gateway; four threads keep one each. */
const IDLE_PER_HOST = 4
const COOLING_ROUNDS = 3

/** A registry in which hosts of loopback come and go. */
export type StormRegistry = AsyncDisposable & {
  readonly extraConfig: JsonObject
  /** `sd` and `host` of the backend. */
  readonly backend: JsonObject
  /** These ports, and no others, are the service from now on. */
  put(ports: readonly number[]): Promise<unknown>
  /** Takes the registry away, as a crash would. */
  kill(): Promise<unknown>
  /** Starts it again; it may have lost what it knew. */
  revive(): Promise<unknown>
}

export type Storm = {
  readonly name: string
  /** The server that must be installed. */
  readonly needs?: ServerName
  open(): Promise<StormRegistry>
}

/**
 * The test of one registry: a gateway with one request thread and one with four stand side by side under load while
 * hosts join and leave, the registry is killed and comes back.
 */
export function storm({ name, needs, open }: Storm): void {
  const skip = serverOrSkip('wrk').skip || (needs !== undefined && serverOrSkip(needs).skip)
  describe(`${name} under load for ${SECONDS} s`, { skip }, () => {
    it('hosts that come and go and a registry that dies cost no request, no socket and no memory, with 1 and with 4 threads', async (test) => {
      await using registry = await open()
      await using upstreams = await countingUpstreams(HOSTS, THREADS)
      await registry.put(upstreams.ports)
      await using gateways = await startBoth(registry)
      const report = await weather(registry, upstreams, gateways)
      test.diagnostic(report)
    })
  })
}

type Both = readonly { readonly threads: number; readonly gateway: RunningGateway }[]

async function weather(registry: StormRegistry, upstreams: Upstreams, both: Both): Promise<string> {
  const before = await warmedUp(both, upstreams)
  upstreams.clear()
  const answeredBefore = await Promise.all(both.map(({ gateway }) => answered(gateway)))

  const over = Promise.withResolvers<void>()
  const loading = Promise.all(both.map(({ gateway }) => load(gateway, LIMIT_SECONDS, over.promise)))
  loading.catch(() => {}) // Looked at when the storm is over.
  let changes = 0
  try {
    changes = await changePool(registry, upstreams)
    await registry.kill()
    await pause(OUTAGE_MS)
    await registry.revive()
    for (const pool of [upstreams.ports.slice(POOL), upstreams.ports]) {
      await registry.put(pool)
      await onlyServed(upstreams, new Set(pool))
    }
  } finally {
    over.resolve()
  }
  const results = await loading
  await pause(1000)

  assert.ok(changes >= SECONDS * 4, `only ${changes} hosts joined or left`)
  assert.ok(!upstreams.hits().includes(0), `hosts without a request: ${upstreams.hits()}`)
  for (const [at, { threads, gateway }] of both.entries()) {
    const counted = (await answered(gateway)) - (answeredBefore[at] ?? 0)
    everyAnswerCounted(
      `${threads} threads`,
      results[at] as WrkResult,
      sum(upstreams.hits(threads)),
      counted,
    )
  }

  const after = await cooled(both, before)
  for (const [at, { threads }] of both.entries())
    nothingGrew(`${threads} threads`, before[at] as Held, after[at] as Held)
  const requests = results.map((one) => one.requests)
  return `${changes} changes, ${requests.join(' + ')} requests, ${shown(before)} before, ${shown(after)} after`
}

function everyAnswerCounted(
  who: string,
  result: WrkResult,
  upstream: number,
  counted: number,
): void {
  assert.deepEqual([result.non2xx, result.socketErrors], [0, 0], `${who}: ${result.text}`)
  // wrk does not count what was under way when it stopped.
  const [unread, unanswered] = [upstream - result.requests, upstream - counted]
  const numbers = `${who}: ${upstream} upstream, ${counted} gateway, ${result.requests} client`
  assert.ok(unread >= 0 && unread <= CONNECTIONS, numbers)
  assert.ok(unanswered >= 0 && unanswered <= CONNECTIONS, numbers)
}

/** Every half second other hosts; resolves with how many joined or left. */
async function changePool(registry: StormRegistry, { ports }: Upstreams): Promise<number> {
  let changes = 0
  const startMs = performance.now()
  for (let turn = 1; performance.now() < startMs + SECONDS * 1000; turn++) {
    const first = (turn * TURNED) % HOSTS
    await registry.put([...ports, ...ports].slice(first, first + POOL))
    changes += 2 * TURNED
    await pause(Math.max(0, startMs + turn * TURN_MS - performance.now()))
  }
  return changes
}

/** Until both gateways send requests to all of these hosts, and to no other. */
async function onlyServed(upstreams: Upstreams, pool: ReadonlySet<number>): Promise<void> {
  const seen = () => THREADS.flatMap((threads) => upstreams.hits(threads))
  await until(async () => {
    const earlier = seen()
    await pause(300)
    const isServed = seen().map((hits, at) => hits > (earlier[at] ?? 0))
    const isWanted = THREADS.flatMap(() => upstreams.ports.map((port) => pool.has(port)))
    assert.deepEqual(isServed, isWanted, 'not the hosts that the registry names')
  }, RETURN_LIMIT_MS)
}

const load = (gateway: RunningGateway, seconds: number, end?: Promise<void>) =>
  runWrk({
    url: `${gateway.url}/x`,
    seconds,
    connections: CONNECTIONS,
    timeoutSeconds: TIMEOUT_SECONDS,
    ...(end === undefined ? {} : { until: end }),
  })

async function startBoth({ extraConfig, backend }: StormRegistry): Promise<Both & AsyncDisposable> {
  const start = async (threads: number) => {
    const config = {
      dns_cache_ttl: '1s',
      timeout: `${TIMEOUT_SECONDS}s`,
      max_idle_connections_per_host: IDLE_PER_HOST,
      extra_config: { router: { disable_access_log: true }, ...extraConfig },
      endpoints: [{ endpoint: '/x', backend: [{ ...backend, url_pattern: `/${threads}` }] }],
    }
    return { threads, gateway: await startGateway(config, { workers: threads, admin: true }) }
  }
  const both = await Promise.all(THREADS.map(start))
  return Object.assign(both, {
    async [Symbol.asyncDispose]() {
      for (const { gateway } of both) await gateway[Symbol.asyncDispose]()
    },
  })
}

/** Requests that the gateway answered with 200, as its own metrics tell. */
async function answered({ adminUrl }: RunningGateway): Promise<number> {
  const text = await (await fetch(`${adminUrl}/metrics`)).text()
  return Number(
    /^gateway_requests_total\{endpoint="\/x",method="GET",status="200"\} (\d+)$/m.exec(text)?.[1] ??
      0,
  )
}

/** What is held once load adds nothing any more and every idle connection is open that may stay open. */
async function warmedUp(both: Both, upstreams: Upstreams): Promise<Held[]> {
  const most = await warm(both)
  for (const { threads, gateway } of both)
    await fillPools({
      url: `${gateway.url}/x`,
      threads,
      upstreams,
      allowed: HOSTS * IDLE_PER_HOST,
    })
  return (await settled(both)).map(({ memoryKb, descriptors }, at) => ({
    memoryKb: Math.max(memoryKb, most[at]?.memoryKb ?? 0),
    descriptors,
  }))
}

/** Loads until that adds no memory any more; resolves with the most that was held. */
async function warm(both: Both): Promise<Held[]> {
  let most = await round(both)
  let level = 0
  for (let turn = 1; turn < MOST_ROUNDS && level < LEVEL_ROUNDS; turn++) {
    const last = most
    most = (await round(both)).map((now, at) => higher(now, last[at] as Held))
    const isLevel = most.every(({ memoryKb }, at) => memoryKb <= (last[at]?.memoryKb ?? 0) * LEVEL)
    level = isLevel ? level + 1 : 0
  }
  return most
}

/** What is held afterwards; garbage that the next round collects does not count. */
async function cooled(both: Both, before: readonly Held[]): Promise<Held[]> {
  let now = await round(both)
  for (let turn = 1; turn < COOLING_ROUNDS && now.some(hasGrown); turn++) now = await round(both)
  return now

  function hasGrown(held: Held, at: number): boolean {
    const { memoryKb, descriptors } = before[at] as Held
    return held.memoryKb > memoryKb * GROWTH || held.descriptors > descriptors * GROWTH
  }
}

const higher = (one: Held, other: Held): Held => ({
  memoryKb: Math.max(one.memoryKb, other.memoryKb),
  descriptors: Math.max(one.descriptors, other.descriptors),
})

async function round(both: Both): Promise<Held[]> {
  await Promise.all(both.map(({ gateway }) => load(gateway, ROUND_SECONDS)))
  return settled(both)
}

type Held = { readonly memoryKb: number; readonly descriptors: number }

/** What each process holds once nothing is under way. */
async function settled(both: Both): Promise<Held[]> {
  await pause(1000)
  return both.map(({ gateway }) => {
    const proc = `/proc/${gateway.process.child.pid}`
    const memoryKb = Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`${proc}/status`, 'utf8'))?.[1])
    return { memoryKb, descriptors: readdirSync(`${proc}/fd`).length }
  })
}

function nothingGrew(who: string, before: Held, after: Held): void {
  const numbers = `${who}: ${shown([before])} before, ${shown([after])} after`
  assert.ok(after.descriptors <= before.descriptors * GROWTH, numbers)
  assert.ok(after.memoryKb <= before.memoryKb * GROWTH, numbers)
}

const shown = (held: readonly Held[]): string =>
  held.map(({ memoryKb, descriptors }) => `${memoryKb} kB and ${descriptors} fds`).join(', ')

const sum = (numbers: readonly number[]): number => numbers.reduce((all, one) => all + one, 0)
