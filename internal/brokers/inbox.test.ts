import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type Delivery, Inbox } from './inbox.ts'

function delivery(text: string, settled: string[] = []): Delivery {
  return {
    body: Buffer.from(text),
    ack: () => void settled.push(`ack ${text}`),
    nack: (requeue) => void settled.push(`nack ${requeue} ${text}`),
  }
}
const textOf = (one: Delivery | undefined): string | undefined => one?.body.toString()

describe('an inbox', () => {
  it('hands messages over in their order, to those who waited longest first', async () => {
    const inbox = new Inbox()
    const [first, second] = [inbox.take(1000), inbox.take(1000)]
    for (const text of ['1', '2', '3']) inbox.put(delivery(text))
    assert.deepEqual([textOf(await first), textOf(await second)], ['1', '2'])
    assert.equal(inbox.size, 1)
    assert.equal(textOf(await inbox.take(0)), '3')
  })
  it('keeps a message for the next when nobody waits any longer', async () => {
    const inbox = new Inbox()
    assert.equal(await inbox.take(5), undefined)
    inbox.put(delivery('1'))
    assert.equal(textOf(await inbox.take(5)), '1')
  })
  it('forgets, gives back, and tells those who wait that nothing will come', async () => {
    const inbox = new Inbox()
    const settled: string[] = []
    inbox.put(delivery('void', settled))
    inbox.clear()
    inbox.put(delivery('back', settled))
    inbox.giveBack()
    assert.deepEqual([settled, inbox.size], [['nack true back'], 0])
    const waiting = assert.rejects(inbox.take(1000), { message: 'closed' })
    inbox.fail('closed')
    await waiting
  })
})
