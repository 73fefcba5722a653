import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { type Answer, DiscoveryError, type Source } from '../discovery.ts'
import { A, B, C, emptyOrNotFound, failure, LIMIT_MS, places, until } from './contract-checks.ts'
import { counting, throughHub } from './contract-threads.ts'
import { watchContract } from './contract-watch.ts'

/** How a registry misbehaves: unreachable, failing, answering nonsense, not answering. */
export type Fault = 'none' | 'down' | 'error' | 'garbage' | 'slow'

/** A registry that the suite drives: a fake for faults, or a real one. */
export type ContractRegistry = AsyncDisposable & {
  /** A source that asks it; the suite closes it. */
  source(): Source
  /** What the service's instances are from now on, as `host:port`. */
  set(hosts: readonly string[]): void | Promise<void>
  /** Takes the service out, so that the registry does not know it. */
  remove(): void | Promise<void>
  fault(kind: Fault): void | Promise<void>
  /** Makes credentials given out so far worthless, where there are such. */
  expire?(): void | Promise<void>
}

export type Contract = {
  readonly name: string
  /** The service that `set` is about, as a backend's `host[0]` names it. */
  readonly service: string
  start(): Promise<ContractRegistry>
  /** What this registry cannot do, with the reason. */
  readonly without?: Readonly<Partial<Record<Fault | 'empty', string>>>
  /** Must appear in no answer and no error. */
  readonly secrets?: readonly string[]
}

/**
 * What every source must do, as tests of node:test. Call it from a test file of your own:
 *
 *     sourceContract({ name: 'mine', service: 'orders', start: async () => fakeRegistryAndSource() })
 */
export function sourceContract(contract: Contract): void {
  const { name, service, without = {} } = contract
  const test = (
    title: string,
    run: (registry: ContractRegistry, source: Source, context: TestContext) => Promise<void>,
    needs?: keyof typeof without,
  ) =>
    it(title, {
      skip: (needs !== undefined && without[needs]) || false,
      timeout: 2 * LIMIT_MS,
    }, async (context) => {
      await using registry = await contract.start()
      const source = registry.source()
      try {
        await registry.set([A, B])
        await run(registry, source, context)
      } finally {
        await source.close?.()
      }
    })
  const ask = (source: Source) => asked(source, contract)

  describe(`contract of the source ${name}`, () => {
    test('answers with the instances', async (_registry, source) => {
      const answer = await ask(source)
      assert.deepEqual(places(answer), [A, B])
      assert.ok(answer.notes.length > 0, 'an answer says how it came to be')
      for (const { weight } of answer.instances) assert.ok(weight >= 0)
    })

    test('answers with a change when it is asked again', async (registry, source) => {
      await ask(source)
      await registry.set([A, C])
      await until(async () => assert.deepEqual(places(await ask(source)), [A, C]))
    })

    test('lets an instance go that is gone', async (registry, source) => {
      await registry.set([A])
      await until(async () => assert.deepEqual(places(await ask(source)), [A]))
    })

    test(
      'never answers with old instances when there are none',
      async (registry, source) => {
        await ask(source)
        await registry.set([])
        await until(async () => assert.deepEqual(await emptyOrNotFound(ask(source)), []))
      },
      'empty',
    )

    test('says so when the service is not known', async (registry, source) => {
      await registry.remove()
      await until(async () => assert.deepEqual(await emptyOrNotFound(ask(source)), []))
    })

    for (const [kind, expected] of [
      ['down', ['unreachable']],
      ['error', ['unreachable', 'broken']],
      ['garbage', ['broken']],
    ] as const)
      test(
        `fails in words, and never with an empty list, when the registry is ${kind}`,
        async (registry, source) => {
          await ask(source)
          await registry.fault(kind)
          const error = await failure(ask(source))
          assert.ok(error instanceof DiscoveryError, `no DiscoveryError: ${error}`)
          assert.ok(
            expected.some((one) => one === error.failure),
            `${error.failure}: ${error.message}`,
          )
          assert.notEqual(error.message, '')
        },
        kind,
      )

    test(
      'gives up at once when it is told to',
      async (registry, source) => {
        await registry.fault('slow')
        const over = new AbortController()
        const asking = source.ask(service, over.signal)
        asking.catch(() => {})
        await wait(50)
        const startMs = performance.now()
        over.abort(new DiscoveryError('unreachable', 'no longer asked'))
        await failure(asking)
        assert.ok(performance.now() - startMs < 1000)
      },
      'slow',
    )

    test(
      'can be closed while it asks',
      async (registry, source) => {
        await registry.fault('slow')
        const over = new AbortController()
        const asking = failure(source.ask(service, over.signal))
        await wait(50)
        over.abort(new DiscoveryError('unreachable', 'no longer asked'))
        await source.close?.()
        await asking
      },
      'slow',
    )

    test(
      'notices a registry that starts late, and one that comes back',
      async (registry, source) => {
        await registry.fault('down')
        await failure(ask(source))
        await registry.fault('none')
        await registry.set([A, B])
        await until(async () => assert.deepEqual(places(await ask(source)), [A, B]))
      },
      'down',
    )

    test('gets new credentials when the old ones are over', async (registry, source, context) => {
      if (registry.expire === undefined) return context.skip('has no credentials that expire')
      await ask(source)
      await registry.expire()
      assert.deepEqual(places(await ask(source)), [A, B])
    })

    test('is asked once for all threads and all who want the same', async (_registry, source) => {
      const counted = counting(source)
      assert.deepEqual(await throughHub(counted.source, service, 1), [A, B])
      const alone = counted.count()
      assert.deepEqual(await throughHub(counted.source, service, 4), [A, B])
      assert.equal(counted.count() - alone, alone)
    })

    watchContract(contract, test)
  })
}

/** The answer, in which no secret may be. */
async function asked(source: Source, { service, secrets = [] }: Contract): Promise<Answer> {
  const clean = (text: string) => {
    for (const secret of secrets) assert.ok(!text.includes(secret), `a secret in: ${text}`)
  }
  try {
    const answer = await source.ask(service, AbortSignal.timeout(LIMIT_MS))
    clean(JSON.stringify(answer))
    return answer
  } catch (error) {
    clean(String(error instanceof Error ? error.message : error))
    throw error
  }
}
