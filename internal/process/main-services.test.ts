import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ConfigError } from '../errors.ts'
import type { MainScope, MainService } from '../features/main-service.ts'
import { startMainServices } from './main-services.ts'

const SCOPE = {} as MainScope

test('all that services cannot start with is said at once, and what had started is closed', async () => {
  const closed: string[] = []
  const good = (topic: string): MainService => ({
    topic,
    start: () => ({ close: () => void closed.push(topic) }),
  })
  const bad = (topic: string): MainService => ({
    topic,
    start: async () => {
      throw new ConfigError('wrong', { path: topic })
    },
  })
  await assert.rejects(
    startMainServices([good('a'), bad('b'), good('c'), bad('d')], SCOPE),
    new ConfigError([
      { place: { path: 'b' }, message: 'wrong' },
      { place: { path: 'd' }, message: 'wrong' },
    ]),
  )
  assert.deepEqual(closed, ['a', 'c'])
})
