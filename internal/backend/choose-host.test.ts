import assert from 'node:assert/strict'
import { Readable } from 'node:stream'
import { describe, it } from 'node:test'
import { listOf, requestWith } from '../../test/support/snapshots.ts'
import { Health } from '../balancer/health.ts'
import { fixedSubscription } from '../discovery/fixed-subscription.ts'
import { GatewayError } from '../errors.ts'
import { announceSize } from '../pipe/body-size.ts'
import { bodyOf } from '../pipe/collect.ts'
import { DeadlineWheel } from '../pipe/deadline.ts'
import type { ProxyRequest, ProxyResponse } from '../pipe/pipe.ts'
import { sharedWords, wordMemory } from '../process/shared-memory.ts'
import { sharedTable, tableMemory } from '../process/shared-table.ts'
import { chooseHost } from './choose-host.ts'
import { retryRules } from './retry-rules.ts'

const CONNECT = () => new GatewayError('connect')
const BROKEN = () => new GatewayError('upstream')
const status = (upstreamStatus: number) => () => new GatewayError('status-code', { upstreamStatus })
const stream = (code: number): ProxyResponse => ({
  kind: 'stream',
  status: code,
  headers: [],
  body: bodyOf(Buffer.from('x')),
  isComplete: true,
  errors: [],
})

type Options = {
  readonly hosts?: number
  readonly retry?: Record<string, unknown>
  /** What each call meets, in turn; an answer after the last. */
  readonly meets?: readonly (() => GatewayError | ProxyResponse)[]
}

function start({ hosts = 4, retry, meets = [] }: Options) {
  const list = listOf(...Array.from({ length: hosts }, () => ({})))
  const asked: string[] = []
  const bodies: unknown[] = []
  const reasons: string[] = []
  const waiting = [...meets]
  const health = new Health({
    name: 'orders',
    rules: undefined,
    table: sharedTable(tableMemory(64)),
    news: sharedWords(wordMemory(1)).word('news'),
    clock: () => 0,
    onEjected: () => {},
  })
  const extraConfig = retry === undefined ? {} : { 'backend/retry': retry as never }
  const pipe = chooseHost({
    subscription: fixedSubscription(list, () => {}),
    balance: (snapshot) => snapshot.slots[0] ?? 0,
    health,
    inFlight: undefined,
    retry: retryRules({ extraConfig }),
    onRetry: (reason) => reasons.push(reason),
  })(async (request) => {
    asked.push(request.host)
    bodies.push(request.body)
    const met = waiting.shift()?.() ?? stream(200)
    if (met instanceof GatewayError) throw met
    return met
  })
  const ask = (parts: Partial<ProxyRequest> = {}, deadline = new DeadlineWheel().start(0)) =>
    pipe(requestWith(parts), deadline)
  return { ask, asked, bodies, reasons }
}
const nodes = (...numbers: readonly number[]) => numbers.map((at) => `http://node${at}:80`)

describe('the host of a request', () => {
  for (const method of ['GET', 'POST', 'PATCH']) {
    it(`is the next one when a ${method} finds no connection`, async () => {
      const { ask, asked, reasons } = start({ meets: [CONNECT, CONNECT] })
      const { status: code } = (await ask({ method })) as { status: number }
      assert.equal(code, 200)
      assert.deepEqual(asked, nodes(0, 1, 2))
      assert.deepEqual(reasons, ['connect', 'connect'])
    })
  }

  it('is none when no host can be connected to, each tried once', async () => {
    const { ask, asked } = start({ meets: Array.from({ length: 9 }, () => CONNECT) })
    await assert.rejects(ask(), { code: 'connect' })
    assert.deepEqual(asked, nodes(0, 1, 2, 3))
  })

  it('stays when something was sent', async () => {
    const { ask, asked } = start({ meets: [BROKEN] })
    await assert.rejects(ask({ method: 'POST' }), { code: 'upstream' })
    assert.deepEqual(asked, nodes(0))
  })

  it('stays when the request has no time left', async () => {
    const { ask, asked } = start({ meets: [CONNECT] })
    const deadline = new DeadlineWheel().start(0)
    const asking = ask({}, deadline)
    deadline.cancel()
    await assert.rejects(asking)
    assert.deepEqual(asked, nodes(0))
  })

  it('gets the same small body as the first one', async () => {
    const { ask, bodies } = start({ meets: [CONNECT] })
    const body = Readable.from([Buffer.from('small')])
    announceSize(body, 5)
    await ask({ method: 'POST', body })
    assert.deepEqual(bodies.map(String), ['small', 'small'])
  })

  it('is asked as often as before when there is only one', async () => {
    const { ask, asked } = start({ hosts: 1, meets: [CONNECT] })
    await assert.rejects(ask(), { code: 'connect' })
    assert.equal(asked.length, 1)
  })
})

describe('backend/retry', () => {
  it('calls another host after a broken connection or a status, as often as it says', async () => {
    const { ask, asked } = start({ retry: { max: 2 }, meets: [BROKEN, status(503)] })
    await ask()
    assert.deepEqual(asked, nodes(0, 1, 2))
    const worse = start({ retry: {}, meets: [BROKEN, BROKEN] })
    await assert.rejects(worse.ask(), { code: 'upstream' })
    assert.equal(worse.asked.length, 2)
  })

  it('calls the same host when there is no other', async () => {
    const { ask, asked } = start({ hosts: 1, retry: {}, meets: [CONNECT] })
    await ask()
    assert.deepEqual(asked, nodes(0, 0))
  })

  it('repeats no method that may do something twice, unless it is listed', async () => {
    const { ask, asked } = start({ retry: {}, meets: [BROKEN] })
    await assert.rejects(ask({ method: 'POST' }), { code: 'upstream' })
    assert.equal(asked.length, 1)
    const listed = start({ retry: { methods: ['POST'] }, meets: [BROKEN] })
    await listed.ask({ method: 'POST' })
    assert.equal(listed.asked.length, 2)
  })

  it('looks at the statuses it lists only, and hands the last answer on', async () => {
    const { ask, asked } = start({ retry: { statuses: [500] }, meets: [status(503)] })
    await assert.rejects(ask(), { code: 'status-code' })
    assert.equal(asked.length, 1)
    const passing = start({ retry: {}, meets: [() => stream(503), () => stream(502)] })
    const answer = (await passing.ask()) as { status: number }
    assert.deepEqual([answer.status, passing.asked.length], [502, 2])
  })
})
