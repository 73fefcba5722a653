import assert from 'node:assert/strict'
import { once } from 'node:events'
import { describe, it } from 'node:test'
import { Worker } from 'node:worker_threads'
import fc from 'fast-check'
import { sharedWords, wordMemory } from '../../../process/shared-memory.ts'
import { giveBackSlots, sharedSlots, slotMemory } from '../../../process/shared-slots.ts'
import { type BreakerState, breaker, MOST_ERRORS, type Outcome, type Ticket } from './breaker.ts'

const START_MS = 1_000_000

/** A breaker as one of two threads sees it. */
function breakers(options: { maxErrors: number; intervalMs: number; openMs: number }) {
  const [words, slots] = [wordMemory(16), slotMemory(2, 16)]
  const time = { nowMs: START_MS }
  const changes: string[] = []
  const seenBy = (thread: number) =>
    breaker({
      ...options,
      word: sharedWords(words).word('b'),
      trial: sharedSlots(slots, { threads: 2, thread }).slot('b'),
      clock: () => time.nowMs,
      changed: (from, to) => changes.push(`${from} ${to}`),
    })
  return { one: seenBy(0), other: seenBy(1), time, changes, slots }
}
type Seen = ReturnType<typeof breakers>['one']

const ticketOf = (entered: ReturnType<Seen['enter']>): Ticket => {
  assert.equal(typeof entered, 'bigint', String(entered))
  return entered as Ticket
}
const run = (circuit: Seen, outcome: Outcome): void =>
  circuit.leave(ticketOf(circuit.enter()), outcome)

/** gobreaker with one bucket, as its source has it. */
class Model {
  state: BreakerState = 'closed'
  generation = 0
  failures = 0
  inTrial = 0
  #expiryMs = 0
  readonly #options: { maxErrors: number; intervalMs: number; openMs: number }

  constructor(options: { maxErrors: number; intervalMs: number; openMs: number }, nowMs: number) {
    this.#options = options
    this.#begin('closed', nowMs)
  }

  enter(nowMs: number): number | 'open' | 'too-many' {
    this.#advance(nowMs)
    if (this.state === 'open') return 'open'
    if (this.state === 'half-open' && this.inTrial++ > 0) {
      this.inTrial--
      return 'too-many'
    }
    return this.generation
  }

  leave(generation: number, outcome: Outcome, nowMs: number): void {
    this.#advance(nowMs)
    if (generation !== this.generation) return
    if (outcome === 'excluded') {
      if (this.state === 'half-open') this.inTrial--
    } else if (outcome === 'success') {
      if (this.state === 'half-open') this.#begin('closed', nowMs)
      else this.failures = 0
    } else if (this.state === 'half-open' || ++this.failures > this.#options.maxErrors)
      this.#begin('open', nowMs)
  }

  #advance(nowMs: number): void {
    if (this.#expiryMs === 0 || nowMs <= this.#expiryMs) return
    this.#begin(this.state === 'open' ? 'half-open' : 'closed', nowMs)
  }

  #begin(state: BreakerState, nowMs: number): void {
    const { intervalMs, openMs } = this.#options
    const lifeMs = { closed: intervalMs, 'half-open': 0, open: openMs }[state]
    this.state = state
    this.generation++
    this.failures = 0
    this.inTrial = 0
    this.#expiryMs = lifeMs === 0 ? 0 : nowMs + lifeMs
  }
}

describe('the circuit breaker', () => {
  it('does what gobreaker does, whatever comes in which order, from two threads', () => {
    const steps = fc.array(
      fc.oneof(
        fc.record({ kind: fc.constant('enter' as const), thread: fc.nat(1) }),
        fc.record({
          kind: fc.constant('leave' as const),
          at: fc.nat(5),
          outcome: fc.constantFrom<Outcome>('success', 'failure', 'failure', 'excluded'),
        }),
        fc.record({ kind: fc.constant('wait' as const), ms: fc.constantFrom(1, 400, 1000, 2500) }),
      ),
      { maxLength: 80 },
    )
    const options = fc.record({
      maxErrors: fc.nat(2),
      intervalMs: fc.constantFrom(0, 2000),
      openMs: fc.constantFrom(1000, 3000),
    })
    fc.assert(
      fc.property(options, steps, (chosen, all) => {
        const { one, other, time } = breakers(chosen)
        const model = new Model(chosen, time.nowMs)
        const running: { circuit: Seen; ticket: Ticket; generation: number }[] = []
        for (const step of all) {
          if (step.kind === 'wait') time.nowMs += step.ms
          else if (step.kind === 'enter') {
            const circuit = step.thread === 0 ? one : other
            const entered = circuit.enter()
            const expected = model.enter(time.nowMs)
            if (typeof expected === 'number')
              running.push({ circuit, ticket: ticketOf(entered), generation: expected })
            else assert.equal(entered, expected)
          } else {
            const [left] = running.splice(step.at % Math.max(1, running.length), 1)
            left?.circuit.leave(left.ticket, step.outcome)
            if (left !== undefined) model.leave(left.generation, step.outcome, time.nowMs)
          }
        }
      }),
      { numRuns: 1000 },
    )
  })

  it('tells each change of state once', () => {
    const { one, other, time, changes } = breakers({ maxErrors: 1, intervalMs: 0, openMs: 1000 })
    run(one, 'failure')
    run(other, 'failure')
    assert.equal(one.enter(), 'open')
    time.nowMs += 1001
    run(other, 'failure')
    time.nowMs += 1001
    run(one, 'success')
    run(other, 'success')
    assert.deepEqual(changes, [
      'closed open',
      'open half-open',
      'half-open open',
      'open half-open',
      'half-open closed',
    ])
  })

  it('gives the trial to another when the thread that made it is dead', () => {
    const { one, other, time, slots } = breakers({ maxErrors: 0, intervalMs: 0, openMs: 1000 })
    run(one, 'failure')
    time.nowMs += 1001
    ticketOf(one.enter())
    assert.equal(other.enter(), 'too-many')
    giveBackSlots(slots, { threads: 2, thread: 0 })
    run(other, 'success')
    assert.equal(typeof other.enter(), 'bigint')
  })

  it('ignores what requests of an earlier window bring back', () => {
    const { one, time } = breakers({ maxErrors: 0, intervalMs: 1000, openMs: 1000 })
    const old = ticketOf(one.enter())
    time.nowMs += 1001
    one.leave(old, 'failure')
    assert.equal(typeof one.enter(), 'bigint')
  })

  it('counts up to the most failures that it may endure', () => {
    const { one } = breakers({ maxErrors: MOST_ERRORS, intervalMs: 0, openMs: 1000 })
    for (let failure = 0; failure <= MOST_ERRORS; failure++) run(one, 'failure')
    assert.equal(one.enter(), 'open')
  })

  it('lets one request of four threads try the upstream, however they race', async () => {
    const memory = { words: wordMemory(16), slots: slotMemory(4, 16) }
    const inside = new SharedArrayBuffer(8)
    const modules = [
      './breaker.ts',
      '../../../process/shared-memory.ts',
      '../../../process/shared-slots.ts',
    ]
    const workers = Array.from({ length: 4 }, (_all, thread) => {
      const urls = modules.map((module) => new URL(module, import.meta.url).href)
      return new Worker(TRIALS, { eval: true, workerData: { ...memory, inside, urls, thread } })
    })
    const seen = await Promise.all(
      workers.map(async (worker) => (await once(worker, 'message'))[0] as Record<string, number>),
    )
    await Promise.all(workers.map((worker) => worker.terminate()))
    const sum = (name: string) => seen.reduce((total, counts) => total + (counts[name] ?? 0), 0)
    assert.equal(sum('crowded'), 0)
    assert.ok(sum('trials') > 10, `${sum('trials')} trials`)
  })
})

/** All trials fail, and the open time is next to nothing: the breaker is half-open nearly always. */
const TRIALS = `
import { parentPort, workerData } from 'node:worker_threads'
const { words, slots, inside, urls, thread } = workerData
const [{ breaker }, { sharedWords }, { sharedSlots }] = await Promise.all(urls.map((url) => import(url)))
const circuit = breaker({
  word: sharedWords(words).word('b'),
  trial: sharedSlots(slots, { threads: 4, thread }).slot('b'),
  maxErrors: 0, intervalMs: 0, openMs: 1,
  clock: () => Date.now(), changed() {},
})
const gate = new Int32Array(inside)
const counts = { trials: 0, crowded: 0 }
const first = circuit.enter()
if (typeof first === 'bigint') circuit.leave(first, 'failure')
const endMs = Date.now() + 300
while (Date.now() < endMs) {
  const ticket = circuit.enter()
  if (typeof ticket !== 'bigint') continue
  if ((ticket & 3n) !== 1n) { circuit.leave(ticket, 'failure'); continue }
  counts.trials++
  if (Atomics.add(gate, 0, 1) > 0) counts.crowded++
  Atomics.sub(gate, 0, 1)
  circuit.leave(ticket, 'failure')
}
parentPort.postMessage(counts)
`
