import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { scopeForTests } from '../../test/support/feature-scope.ts'
import type { ServiceConfig } from '../config/types.ts'
import { GatewayError } from '../errors.ts'
import { DeadlineWheel } from '../pipe/deadline.ts'
import type { JsonObject, Pipe, ProxyRequest, ProxyResponse } from '../pipe/pipe.ts'
import { messageWork } from './message-work.ts'
import { prepareAgents } from './prepare-agents.ts'

const serviceWith = (...drivers: readonly JsonObject[]): ServiceConfig =>
  ({
    extraConfig: {},
    asyncAgents: drivers.map((extraConfig, at) => ({
      ...{ name: `agent ${at}`, backends: [], extraConfig },
      connection: { maxRetries: 0, backoffStrategy: '', healthIntervalMs: 1000 },
      consumer: { topic: 't', workers: 1, timeoutMs: 1000, maxRate: 0 },
    })),
  }) as unknown as ServiceConfig
const started = (service: ServiceConfig, index: number, of: number) => () =>
  prepareAgents(service, scopeForTests().scope, {
    seat: { index, of },
    subscriptionOf: () => assert.fail(),
  })

describe('agents', () => {
  it('stop the start when nothing would bring them messages, or their driver cannot work', () => {
    assert.throws(started(serviceWith({}, { 'async/kafka': {} }), 0, 1), {
      message: /^async_agent\[0\]\.extra_config: no driver.*found nothing; allowed: async\/amqp/,
    })
    const amqp = { name: 'q', exchange: 'x', host: 'http://h' }
    assert.throws(started(serviceWith({ 'async/amqp': amqp }), 0, 1), {
      message: /^async_agent\[0\]\.extra_config\."async\/amqp"\.host: not the address of a broker/,
    })
    assert.throws(started(serviceWith({ 'async/amqp': { ...amqp, name: '' } }), 0, 1), {
      message: /"async\/amqp"\.name: nothing/,
    })
  })
  it('never show the password of a broker', () => {
    const host = 'http://user:hidden@h'
    const service = serviceWith({ 'async/amqp': { name: 'q', exchange: 'x', host } })
    assert.throws(started(service, 0, 1), (error: Error) => !error.message.includes('hidden'))
  })
  it('work in one thread each, by their number', () => {
    const service = serviceWith({ a: {} }, { b: {} }, { c: {} })
    const found = (index: number, of: number): string => {
      try {
        started(service, index, of)()
        return ''
      } catch (error) {
        return /found (\w*)/.exec((error as Error).message)?.[1] ?? ''
      }
    }
    assert.deepEqual([found(0, 4), found(1, 4), found(2, 4), found(3, 4)], ['a', 'b', 'c', ''])
    assert.equal(found(1, 2), 'b')
  })
})

const DATA: ProxyResponse = {
  ...{ kind: 'data', data: {}, sources: [], isComplete: true },
  ...{ status: 0, headers: [], errors: [] },
}

describe('a message', () => {
  const run = async (pipe: Pipe, timeoutMs = 1000) => {
    const lines: string[] = []
    const error = (...words: readonly unknown[]) => void lines.push(words.join(' '))
    const log = { debug() {}, info() {}, warning() {}, error, critical() {} }
    const work = messageWork({ name: 'a', pipe, timeoutMs, wheel: new DeadlineWheel(), log })
    return { isDone: await work(Buffer.from('body')), lines }
  }
  it('is the body of a request with nothing else, and done when the answer has no error', async () => {
    const seen: ProxyRequest[] = []
    const { isDone, lines } = await run(async (request) => {
      seen.push(request)
      return DATA
    })
    assert.deepEqual([isDone, lines], [true, []])
    assert.deepEqual(seen, [
      {
        method: '',
        host: '',
        path: '',
        query: [],
        headers: [],
        params: {},
        body: Buffer.from('body'),
      },
    ])
  })
  it('failed when the pipe did, in part as well', async () => {
    const timeout = new GatewayError('timeout')
    const line = ['[SERVICE: AsyncAgent][a] context deadline exceeded']
    const partly = await run(async () => ({ ...DATA, errors: [timeout] }))
    const wholly = await run(() => Promise.reject(timeout))
    const late = await run(
      (_request, deadline) => new Promise((_resolve, reject) => deadline.whenOver(reject)),
      10,
    )
    for (const each of [partly, wholly, late])
      assert.deepEqual([each.isDone, each.lines], [false, line])
  })
  it('gives a stream up that nobody reads', async () => {
    let isDestroyed = false
    const destroy = () => {
      isDestroyed = true
    }
    const { isDone } = await run(async () => ({
      ...{ kind: 'stream', status: 200, headers: [], isComplete: true, errors: [] },
      body: { start() {}, resume() {}, destroy },
    }))
    assert.deepEqual([isDone, isDestroyed], [true, true])
  })
})
