import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { commitInOrder } from './kafka-commit.ts'

describe('offsets of Kafka', () => {
  it('are committed when all before them are done, for each partition apart', async () => {
    const committed: string[] = []
    const { came, written } = commitInOrder(assert.fail)
    const message = (partition: number, offset: number) =>
      came({
        ...{ value: undefined, topic: 't', partition },
        commit: async () => committed.push(`${partition}:${offset}`),
      })
    const [first, second, third] = [message(0, 0), message(0, 1), message(0, 2)]
    const other = message(1, 0)
    second?.()
    assert.deepEqual(committed, [])
    first?.()
    await written()
    assert.deepEqual(committed, ['0:1'])
    other()
    third?.()
    await written()
    assert.deepEqual(committed, ['0:1', '1:0', '0:2'])
  })
  it('tell when they cannot be committed', async () => {
    const errors: string[] = []
    const { came } = commitInOrder((error) => errors.push(error.message))
    const commit = () => Promise.reject(new Error('rebalanced'))
    came({ value: undefined, topic: 't', partition: 0, commit })()
    await turn()
    assert.deepEqual(errors, ['rebalanced'])
  })
})
