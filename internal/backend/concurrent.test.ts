import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { requestWith } from '../../test/support/snapshots.ts'
import { GatewayError } from '../errors.ts'
import { DeadlineWheel } from '../pipe/deadline.ts'
import type { DataResponse, Pipe } from '../pipe/pipe.ts'
import { concurrentCalls } from './concurrent.ts'

const REQUEST = requestWith()
const answer = (value: number, isComplete = true): DataResponse => ({
  kind: 'data',
  data: { value },
  sources: [],
  isComplete,
  status: 0,
  headers: [],
  errors: [],
})
const deadline = () => new DeadlineWheel().start(performance.now()).limit(1000)
const calling = (count: number, next: Pipe) => {
  const decorate = concurrentCalls(count)
  assert.ok(decorate)
  return decorate(next)(REQUEST, deadline())
}

describe('concurrent_calls', () => {
  it('adds nothing for one call', () => assert.equal(concurrentCalls(1), undefined))

  it('answers with the first complete answer and ends the others', async () => {
    let calls = 0
    const ended: string[] = []
    const next: Pipe = (_request, inner) => {
      const call = ++calls
      if (call === 1) return Promise.reject(new GatewayError('upstream'))
      if (call === 2) return Promise.resolve(answer(2))
      return new Promise((_resolve, reject) => {
        inner.whenOver((reason) => {
          ended.push(reason.code)
          reject(reason)
        })
      })
    }
    const response = await calling(3, next)
    assert.deepEqual(response.kind === 'data' && response.data, { value: 2 })
    assert.deepEqual(ended, ['canceled'])
  })

  it('falls back to an incomplete answer, and fails only when all calls do', async () => {
    let calls = 0
    const response = await calling(2, async () => {
      if (++calls === 1) return answer(1, false)
      throw new GatewayError('upstream')
    })
    assert.equal(response.isComplete, false)
    const failed = calling(2, () =>
      Promise.reject(new GatewayError('status-code', { status: 404 })),
    )
    await assert.rejects(failed, { status: 404 })
  })
})
