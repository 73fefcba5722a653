import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { exportQueue } from './export-queue.ts'
import type { Sent, Signal } from './sender.ts'

const DONE: Sent = { outcome: 'done' }
const AWAY: Sent = { outcome: 'later', problem: 'connection refused' }

function collector(answers: Sent[] = []) {
  const sent: string[] = []
  const dropped: number[] = []
  const troubles: (string | undefined)[] = []
  let answer: Sent = DONE
  const queue = exportQueue({
    sender: {
      send: async (_signal: Signal, request: Buffer) => {
        sent.push(request.toString())
        return answers.shift() ?? answer
      },
      close: () => {},
    },
    onDropped: (_signal, items) => dropped.push(items),
    onTrouble: (problem) => troubles.push(problem),
    mostBytes: 10,
    pauseMs: 1,
  })
  return {
    queue,
    sent,
    dropped,
    troubles,
    set answer(next: Sent) {
      answer = next
    },
  }
}
const push = ({ queue }: ReturnType<typeof collector>, text: string) =>
  queue.push('traces', Buffer.from(text), 1)

describe('exports', () => {
  it('arrive in order', async () => {
    const one = collector()
    for (const text of ['a', 'b', 'c']) push(one, text)
    await one.queue.drain(1000)
    assert.deepEqual(one.sent, ['a', 'b', 'c'])
    assert.deepEqual(one.dropped, [])
  })
  it('are sent again while the collector is away, which is told once, and once when it is back', async () => {
    const one = collector([AWAY, AWAY, DONE])
    push(one, 'a')
    while (one.sent.length < 3) await new Promise(setImmediate)
    await one.queue.drain(1000)
    assert.deepEqual(one.sent, ['a', 'a', 'a'])
    assert.deepEqual(one.troubles, ['connection refused', undefined])
    assert.deepEqual(one.dropped, [])
  })
  it('are dropped and counted when they do not fit', async () => {
    const one = collector()
    one.answer = AWAY
    push(one, '12345678')
    push(one, '123')
    push(one, '12')
    assert.deepEqual(one.dropped, [1])
    one.queue.close()
    push(one, '1')
    assert.deepEqual(one.dropped, [1, 1])
  })
  it('that are refused make room at once', async () => {
    const one = collector([{ outcome: 'refused', problem: 'status 400' }])
    push(one, 'a')
    push(one, 'b')
    await one.queue.drain(1000)
    assert.deepEqual(one.sent, ['a', 'b'])
    assert.deepEqual(one.dropped, [1])
  })
  it('make room after eight tries', async () => {
    const one = collector(Array.from({ length: 8 }, () => AWAY))
    push(one, 'a')
    push(one, 'b')
    while (one.sent.length < 9) await new Promise((resolve) => setTimeout(resolve, 1))
    assert.deepEqual(one.dropped, [1])
    assert.equal(one.sent[8], 'b')
    one.queue.close()
  })
  it('keep the end of the process no longer than told', async () => {
    const queue = exportQueue({
      sender: { send: () => new Promise(() => {}), close: () => {} },
      onDropped: () => {},
      onTrouble: () => {},
    })
    queue.push('traces', Buffer.from('a'), 1)
    const startMs = performance.now()
    await queue.drain(20)
    assert.ok(performance.now() - startMs < 1000)
    queue.close()
  })
})
