import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { writeTogether } from './write-together.ts'

test('replies that are ready in one turn of the event loop are written at its end, in order', async () => {
  const write = writeTogether()
  const written: string[] = []
  write(() => written.push('first'))
  await Promise.resolve()
  write(() => written.push('second'))
  assert.deepEqual(written, [])
  await nextTurn()
  assert.deepEqual(written, ['first', 'second'])
})

test('a reply that gets ready while others are written goes out in the next turn', async () => {
  const write = writeTogether()
  const written: string[] = []
  write(() => {
    written.push('first')
    write(() => written.push('second'))
  })
  write(() => written.push('beside the first'))
  await nextTurn()
  assert.deepEqual(written, ['first', 'beside the first'])
  await nextTurn()
  assert.deepEqual(written, ['first', 'beside the first', 'second'])
})
