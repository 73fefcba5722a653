import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { type Deadline, DeadlineWheel } from '../../../pipe/deadline.ts'
import type { DataResponse, JsonObject, JsonValue } from '../../../pipe/pipe.ts'
import type { BackendPlace, Scope } from '../../feature.ts'
import { receiveMessage } from './receive.ts'

function tryReceive({ unread = 'requeue' as const, backend = {} as JsonObject } = {}) {
  const asked: JsonObject[] = []
  const answers: PromiseWithResolvers<JsonValue>[] = []
  const scope = {
    maxDecodeBytes: 20,
    ask: (_topic: string, question: JsonObject) => {
      asked.push(question)
      if (question['ask'] === 'settle') return Promise.resolve(null)
      const answer = Promise.withResolvers<JsonValue>()
      answers.push(answer)
      return answer.promise
    },
  } as unknown as Scope
  const config = {
    ...{ id: 3, encoding: 'json', isCollection: false, target: '', group: '', extraConfig: {} },
    ...{ allow: [], deny: [], mapping: {}, ...backend },
  }
  const receive = receiveMessage({ backend: config } as unknown as BackendPlace, scope, unread)
  const call = (timeoutMs = 5_000): { deadline: Deadline; response: Promise<DataResponse> } => {
    const deadline = new DeadlineWheel().start(performance.now()).limit(timeoutMs)
    return { deadline, response: receive({} as never, deadline) as Promise<DataResponse> }
  }
  const settled = () =>
    asked.filter((one) => one['ask'] === 'settle').map((one) => [one['tag'], one['verdict']])
  return { call, asked, answers, settled }
}

describe('a message as an answer', () => {
  it('is decoded, shaped and acknowledged', async () => {
    const { call, answers, asked, settled } = tryReceive({ backend: { group: 'm' } })
    const { response } = call()
    assert.deepEqual([asked[0]?.['ask'], asked[0]?.['id']], ['take', 3])
    answers[0]?.resolve({ tag: 9, body: Buffer.from('{"a":"ü"}').toString('latin1') })
    assert.deepEqual((await response).data, { m: { a: 'ü' } })
    assert.deepEqual(settled(), [[9, 'ack']])
  })
  it('is null when the message is empty, or white space, where its encoding needs more', async () => {
    const cases: [string, string, JsonObject | null][] = [
      ...([
        ['json', '', null],
        ['json', ' \n', null],
        ['xml', '', null],
      ] as const),
      ...([
        ['no-op', 'x', null],
        ['string', '', { content: '' }],
      ] as const),
    ].map(([encoding, body, data]) => [encoding, body, data])
    for (const [encoding, body, data] of cases) {
      const { call, answers, settled } = tryReceive({ backend: { encoding } })
      const { response } = call()
      answers[0]?.resolve({ tag: 1, body })
      assert.deepEqual((await response).data, data, `${encoding} ${JSON.stringify(body)}`)
      assert.deepEqual(settled(), [[1, 'ack']])
    }
  })
  it('goes back when it cannot be read, or is too large', async () => {
    const { call, answers, settled } = tryReceive()
    for (const [at, body] of ['no json', '{"a":', `"${'x'.repeat(20)}"`].entries()) {
      const { response } = call()
      answers[at]?.resolve({ tag: at, body })
      await assert.rejects(response, { name: 'GatewayError' })
    }
    assert.deepEqual(settled(), [
      [0, 'requeue'],
      [1, 'requeue'],
      [2, 'requeue'],
    ])
  })
  it('goes back when it comes after the request is over', async () => {
    const { call, answers, settled } = tryReceive()
    const { deadline, response } = call()
    deadline.cancel()
    await assert.rejects(response, { code: 'canceled' })
    answers[0]?.resolve({ tag: 4, body: '{}' })
    await turn()
    assert.deepEqual(settled(), [[4, 'requeue']])
  })
  it('is a time-out when none came, and a failure when the broker is away', async () => {
    const { call, answers } = tryReceive()
    const [none, failed] = [call(), call()]
    answers[0]?.resolve(null)
    await assert.rejects(none.response, { code: 'timeout' })
    answers[1]?.reject(new Error('connection not available, trying to reconnect'))
    await assert.rejects(failed.response, {
      code: 'component',
      message: /^connection not available/,
    })
  })
})
