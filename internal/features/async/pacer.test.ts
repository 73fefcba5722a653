import assert from 'node:assert/strict'
import { describe, it, mock } from 'node:test'
import { pacer } from './pacer.ts'

describe('the pacer', () => {
  it('lets what a full bucket holds begin at once, and then one per interval', async () => {
    mock.timers.enable({ apis: ['setTimeout', 'Date'] })
    try {
      const { wait } = pacer(2.5, Date.now)
      const begun: number[] = []
      for (let number = 0; number < 5; number++) void wait().then(() => begun.push(Date.now()))
      for (let step = 0; step < 30; step++) {
        mock.timers.tick(100)
        await Promise.resolve()
      }
      // Two tokens at once (they are seen at the first tick), then one every 400 ms.
      assert.deepEqual(begun, [100, 100, 400, 800, 1200])
    } finally {
      mock.timers.reset()
    }
  })
  it('tells those who wait that nothing begins when it is stopped', async () => {
    const pace = pacer(0.5, () => 0)
    assert.equal(await pace.wait(), true)
    const waiting = [pace.wait(), pace.wait()]
    pace.stop()
    assert.deepEqual(await Promise.all(waiting), [false, false])
  })
})
