import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { type Answer, DiscoveryError, type Source } from '../discovery.ts'
import type { Contract, ContractRegistry, Fault } from './contract.ts'
import { A, B, C, failure, places, until } from './contract-checks.ts'

type Tester = (
  title: string,
  run: (registry: ContractRegistry, source: Source, context: TestContext) => Promise<void>,
  needs?: Fault,
) => void

/** For sources that tell by themselves. */
export function watchContract({ service }: Contract, test: Tester): void {
  const NO_WATCH = 'is polled'

  test('tells of changes by itself', async (registry, source, context) => {
    if (source.watch === undefined) return context.skip(NO_WATCH)
    const told = watching(source, service)
    await until(() => assert.deepEqual(told.places(), [A, B]))
    await registry.set([A, B, C])
    await until(() => assert.deepEqual(told.places(), [A, B, C]))
    await registry.set([C])
    await until(() => assert.deepEqual(told.places(), [C]))
    await told.end()
  })

  test('stops telling at once when it is told to', async (registry, source, context) => {
    if (source.watch === undefined) return context.skip(NO_WATCH)
    const told = watching(source, service)
    await until(() => assert.deepEqual(told.places(), [A, B]))
    await told.end()
    const { length } = told.answers
    await registry.set([C])
    await wait(100)
    assert.equal(told.answers.length, length)
  })

  test(
    'ends its watch with a reason when the registry is gone, and watches anew when it is back',
    async (registry, source, context) => {
      if (source.watch === undefined) return context.skip(NO_WATCH)
      const told = watching(source, service)
      await until(() => assert.deepEqual(told.places(), [A, B]))
      await registry.fault('down')
      assert.ok((await failure(told.over)) instanceof DiscoveryError)
      await registry.fault('none')
      await registry.set([B, C])
      const again = watching(source, service)
      await until(() => assert.deepEqual(again.places(), [B, C]))
      await again.end()
    },
    'down',
  )
}

function watching(source: Source, service: string) {
  const answers: Answer[] = []
  const ending = new AbortController()
  const over = Promise.resolve(
    source.watch?.(service, (answer) => void answers.push(answer), ending.signal),
  )
  over.catch(() => {})
  return {
    answers,
    over,
    places: () => places(answers.at(-1)),
    async end() {
      ending.abort()
      await over
    },
  }
}
