import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { describe, it } from 'node:test'
import { Worker } from 'node:worker_threads'
import fc from 'fast-check'
import { type Family, methodLabel } from './metrics.ts'
import { type MetricsHub, metricsHub } from './metrics-hub.ts'
import { plainMetrics } from './plain-metrics.ts'
import { renderMetrics } from './render-metrics.ts'
import type { MeterMessage } from './series.ts'
import { threadMeters } from './thread-meters.ts'

const MINUTE_MS = 60_000

async function rendered(hub: MetricsHub): Promise<string> {
  const pieces: string[] = []
  await renderMetrics(hub, (text) => void pieces.push(text))
  return pieces.join('')
}

/** Sample lines by `name{labels}`, read by the rules of the text format. */
function samples(text: string): Map<string, number> {
  const found = new Map<string, number>()
  for (const line of text.split('\n')) {
    if (line === '' || line.startsWith('# ')) continue
    const parts = /^([a-z_]+(?:\{(?:[a-z_]+="(?:[^"\\\n]|\\[\\"n])*",?)*\})?) (\S+)$/.exec(line)
    assert.ok(parts !== null, `not a sample: ${line}`)
    assert.ok(!found.has(parts[1] ?? ''), `twice: ${line}`)
    found.set(parts[1] ?? '', Number(parts[2]))
  }
  return found
}

/** A hub with `count` threads' meters, all in this thread. */
function connected(count: number, options: { families?: Family[]; now?: () => number } = {}) {
  const hub = metricsHub(options)
  const threads = Array.from({ length: count }, (_all, at) =>
    threadMeters({ ...options, post: (message) => hub.receive(at + 1, message) }),
  )
  const show = async () => {
    for (const thread of threads) thread.flush()
    return samples(await rendered(hub))
  }
  return { hub, threads, show }
}

const LABELS = { endpoint: '/a/{id}', method: 'GET' }
const REQUESTS = 'gateway_requests_total{endpoint="/a/{id}",method="GET",status="200"}'

describe('metrics', () => {
  it('sum what the threads count', async () => {
    const { threads, show } = connected(3)
    for (const thread of threads)
      thread.counter('gateway_requests_total', { ...LABELS, status: '200' }).add(2)
    assert.equal((await show()).get(REQUESTS), 6)
  })

  it('give the same cell for the same name and labels', async () => {
    const { threads, show } = connected(1)
    for (let turn = 0; turn < 3; turn++)
      threads[0]?.counter('gateway_requests_total', { ...LABELS, status: '200' }).add(1)
    assert.equal((await show()).get(REQUESTS), 3)
  })

  it('refuse a name or labels that the table does not have', () => {
    const meters = threadMeters({ post() {} })
    assert.throws(() => meters.counter('gateway_nothing'), TypeError)
    assert.throws(
      () => meters.gauge('gateway_requests_total', { ...LABELS, status: '1' }),
      TypeError,
    )
    assert.throws(() => meters.counter('gateway_requests_total', LABELS), TypeError)
  })

  it('put each observation into every bucket that is not below it', async () => {
    const buckets = [0.1, 1, 10]
    const families: Family[] = [{ name: 'h', kind: 'histogram', help: 'h', labels: [], buckets }]
    await fc.assert(
      fc.asyncProperty(fc.array(fc.constantFrom(0, 0.1, 0.5, 1, 3, 10, 99)), async (values) => {
        const { threads, show } = connected(2, { families })
        values.forEach((value, at) => {
          threads[at % 2]?.histogram('h').observe(value)
        })
        const shown = await show()
        for (const bound of values.length === 0 ? [] : buckets)
          assert.equal(
            shown.get(`h_bucket{le="${bound}"}`),
            values.filter((value) => value <= bound).length,
          )
        assert.equal(shown.get('h_bucket{le="+Inf"}') ?? 0, values.length)
        assert.equal(shown.get('h_count') ?? 0, values.length)
        const sum = values.reduce<number>((total, value) => total + value, 0)
        assert.ok(Math.abs((shown.get('h_sum') ?? 0) - sum) < 1e-9)
      }),
      { numRuns: 50 },
    )
  })

  it('never go back when a thread dies; its gauges end', async () => {
    const { hub, threads, show } = connected(2)
    for (const thread of threads) {
      thread.counter('gateway_requests_total', { ...LABELS, status: '200' }).add(5)
      thread.histogram('gateway_request_duration_seconds', LABELS).observe(0.02)
      thread.gauge('gateway_requests_in_flight').add(1)
    }
    await show()
    hub.threadEnded(1)
    const replacement = threadMeters({ post: (message) => hub.receive(3, message) })
    replacement.counter('gateway_requests_total', { ...LABELS, status: '200' }).add(1)
    replacement.flush()
    const shown = await show()
    assert.equal(shown.get(REQUESTS), 11)
    const count = 'gateway_request_duration_seconds_count{endpoint="/a/{id}",method="GET"}'
    assert.equal(shown.get(count), 2)
    assert.equal(shown.get('gateway_requests_in_flight'), 1)
    hub.threadEnded(2)
    assert.equal((await show()).has('gateway_requests_in_flight'), false)
    assert.equal((await show()).get(REQUESTS), 11)
  })

  it('escape label values, so that none can end early', async () => {
    const { threads, show } = connected(1)
    const endpoint = '/"} 1\n\\x{gateway_x="'
    threads[0]?.counter('gateway_requests_total', { endpoint, method: 'GET', status: '200' }).add(1)
    assert.deepEqual(
      [...(await show()).keys()],
      [
        'gateway_requests_total{endpoint="/\\"} 1\\n\\\\x{gateway_x=\\"",method="GET",status="200"}',
      ],
    )
  })

  it('count unknown methods together', () => {
    assert.equal(methodLabel('GET'), 'GET')
    assert.equal(methodLabel('QUERY'), '_OTHER')
    assert.equal(methodLabel('get'), '_OTHER')
    assert.equal(methodLabel('constructor'), '_OTHER')
  })

  it('are read from other threads while these count', async () => {
    const source = `
      import { parentPort, workerData } from 'node:worker_threads'
      const { threadMeters } = await import(workerData)
      const meters = threadMeters({ post: (message) => parentPort.postMessage(message) })
      const counter = meters.counter('gateway_response_bytes_total')
      for (let turn = 0; turn < 100000; turn++) counter.add(1)
    `
    const hub = metricsHub()
    const workerData = new URL('./thread-meters.ts', import.meta.url).href
    const workers = [1, 2, 3, 4].map((thread) => {
      const worker = new Worker(source, { eval: true, workerData })
      worker.on('message', (message: MeterMessage) => hub.receive(thread, message))
      return once(worker, 'exit').then(() => hub.threadEnded(thread))
    })
    await Promise.all(workers)
    assert.equal(samples(await rendered(hub)).get('gateway_response_bytes_total'), 400_000)
  })
})

describe('the number of series', () => {
  const backend = { endpoint: '/a', backend: '0' }
  const hostCounter = (meters: ReturnType<typeof threadMeters>, host: string) =>
    meters.counter('gateway_backend_requests_total', { ...backend, host, outcome: 'ok' })

  it('stays at 200 hosts a backend and one for all others, over all threads', async () => {
    const { threads, show } = connected(2)
    for (let host = 0; host < 300; host++)
      for (const [at, thread] of threads.entries())
        hostCounter(thread, `h${(host + at * 150) % 300}:80`).add(1)
    const shown = await show()
    assert.equal(shown.size, 201)
    assert.equal(
      [...shown.values()].reduce((sum, value) => sum + value, 0),
      600,
    )
  })

  it('falls ten minutes after a host is removed, and not when it is back by then', async () => {
    let nowMs = 0
    const { threads, show } = connected(2, { now: () => nowMs })
    const both = (act: (meters: ReturnType<typeof threadMeters>) => void) => threads.forEach(act)
    both((meters) => {
      hostCounter(meters, 'gone:80').add(1)
      hostCounter(meters, 'back:80').add(1)
      for (const host of ['gone:80', 'back:80'])
        meters.remove('gateway_backend_requests_total', { ...backend, host })
    })
    nowMs = 9 * MINUTE_MS
    both((meters) => {
      hostCounter(meters, 'back:80').add(1)
      meters.sweep()
    })
    assert.equal((await show()).size, 2)
    nowMs = 10 * MINUTE_MS
    both((meters) => meters.sweep())
    const shown = await show()
    assert.equal(shown.size, 1)
    assert.equal([...shown.values()][0], 4)
    both((meters) => meters.close())
  })

  it('and the memory stay flat while hosts come and go; nobody writes into another’s cell', async () => {
    let nowMs = 0
    let chunks = 0
    const hub = metricsHub()
    const meters = threadMeters({
      now: () => nowMs,
      post(message) {
        chunks += message.chunks.length
        hub.receive(1, message)
      },
    })
    const old = hostCounter(meters, 'h0:80')
    for (let host = 0; host < 10_000; host++) {
      hostCounter(meters, `h${host}:80`).add(1)
      meters.remove('gateway_backend_requests_total', { ...backend, host: `h${host}:80` })
      nowMs += MINUTE_MS
      meters.sweep()
      old.add(1000)
    }
    meters.flush()
    meters.close()
    const shown = samples(await rendered(hub))
    assert.ok(shown.size <= 12, `${shown.size} series`)
    assert.equal(chunks, 1)
    for (const value of shown.values()) assert.equal(value, 1)
  })

  it('keeps `other` right when the cells it joins are given to other hosts', async () => {
    let nowMs = 0
    const { threads, show } = connected(2, { now: () => nowMs })
    const total = async () => [...(await show()).values()].reduce((sum, value) => sum + value, 0)
    const [first, second] = threads
    assert.ok(first !== undefined && second !== undefined)
    for (let host = 0; host < 200; host++) hostCounter(first, `a${host}:80`).add(1)
    for (let host = 0; host < 200; host++) hostCounter(second, `b${host}:80`).add(1)
    assert.equal((await show()).size, 201)
    for (let host = 0; host < 200; host++)
      second.remove('gateway_backend_requests_total', { ...backend, host: `b${host}:80` })
    nowMs = 10 * MINUTE_MS
    second.sweep()
    second.sweep()
    for (let host = 0; host < 200; host++) hostCounter(second, `c${host}:80`).add(1)
    assert.equal((await show()).size, 201)
    assert.equal(await total(), 600)
    second.close()
  })

  it('does not keep what only a dead thread counted of a removed host', async () => {
    let nowMs = 0
    const { hub, threads, show } = connected(2, { now: () => nowMs })
    const [first, second] = threads
    assert.ok(first !== undefined && second !== undefined)
    hostCounter(first, 'gone:80').add(1)
    await show()
    hub.threadEnded(1)
    assert.equal((await show()).size, 1)
    second.remove('gateway_backend_requests_total', { ...backend, host: 'gone:80' })
    nowMs = 10 * MINUTE_MS
    second.sweep()
    second.close()
    assert.equal((await show()).size, 0)
  })
})

describe('a scrape', () => {
  /** 1,000 endpoints, four threads, all families. */
  async function large() {
    const { hub, threads } = connected(4)
    for (const thread of threads) {
      for (let at = 0; at < 1000; at++) {
        const endpoint = `/shop/${at}/{id}`
        const backend = { endpoint, backend: '0' }
        thread.counter('gateway_requests_total', { endpoint, method: 'GET', status: '200' }).add(1)
        thread.histogram('gateway_request_duration_seconds', { endpoint, method: 'GET' }).observe(1)
        thread.histogram('gateway_backend_duration_seconds', backend).observe(1)
        const host = { ...backend, host: '10.0.0.1:80', outcome: 'success' }
        thread.counter('gateway_backend_requests_total', host).add(1)
      }
      thread.flush()
    }
    return hub
  }

  it('of 1,000 endpoints in four threads lets others run every millisecond or so', async () => {
    const hub = await large()
    const medians: number[] = []
    for (let round = 0; round < 5; round++) {
      const blocks: number[] = []
      let lastMs = performance.now()
      await renderMetrics(hub, () => {
        const nowMs = performance.now()
        blocks.push(nowMs - lastMs)
        // The next slice starts a turn later.
        return new Promise((resolve) =>
          setImmediate(() => {
            lastMs = performance.now()
            resolve()
          }),
        )
      })
      assert.ok(blocks.length > 3, `${blocks.length} slices`)
      medians.push(Math.max(...blocks))
    }
    // The best of five: the machine's own pauses are not the gateway's.
    assert.ok(Math.min(...medians) < 5, `slices took up to ${Math.min(...medians)} ms`)
  })

  it('waits for a slow reader', async () => {
    const hub = await large()
    let isReading = false
    let pieces = 0
    await renderMetrics(hub, async () => {
      assert.equal(isReading, false)
      isReading = true
      pieces++
      await new Promise((resolve) => setImmediate(resolve))
      isReading = false
    })
    assert.ok(pieces > 1)
  })

  it('shows the process’s numbers and the plain families through prom-client', async () => {
    const hub = metricsHub()
    hub.meters.gauge('gateway_build_info', { version: '1.2.3', node: 'v26' }).set(1)
    const plain = plainMetrics(hub)
    assert.match(await plain(), /^gateway_build_info\{version="1\.2\.3",node="v26"\} 1$/m)
    assert.match(await plain(), /^process_resident_memory_bytes /m)
    assert.equal((await rendered(hub)).includes('gateway_build_info'), false)
  })

  const promtool = spawnSync('promtool', ['--version']).status === 0
  it('is clean by promtool', { skip: promtool ? false : 'promtool is not installed' }, async () => {
    const hub = await large()
    hub.meters.gauge('gateway_config_info', { file: 'krakend.json', sha256: 'ab' }).set(1)
    hub.meters.gauge('gateway_config_load_seconds').set(0.2)
    hub.meters.gauge('gateway_discovery_age_seconds', { name: 'x' }).set(0.2)
    const input = (await rendered(hub)) + (await plainMetrics(hub)())
    const { status, stdout, stderr } = spawnSync('promtool', ['check', 'metrics'], { input })
    assert.equal(`${stdout}${stderr}`, '')
    assert.equal(status, 0)
  })
})
