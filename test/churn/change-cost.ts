import { MessageChannel, receiveMessageOnPort } from 'node:worker_threads'
import { AddressBook } from '../../internal/discovery/address-book.ts'
import { DEFAULT_CHOICE } from '../../internal/discovery/choice.ts'
import type { Found } from '../../internal/discovery/discovery.ts'
import { ListIntake } from '../../internal/discovery/list-intake.ts'
import type { FromHub } from '../../internal/discovery/messages.ts'
import { PolledList } from '../../internal/discovery/polled-list.ts'
import { Pool } from '../../internal/discovery/pool.ts'
import { View } from '../../internal/discovery/view.ts'
import { typicalMs } from './typical-ms.ts'

/** What a change of a whole list costs the main thread and each request thread, and there the longest piece. */
export type ChangeCost = {
  readonly mainMs: number
  readonly threadMs: number
  readonly pieceMs: number
}

const WANTED = { sd: 'x', registry: '', service: 'x', scheme: 'http', hasRing: true } as const
const POLLED = { isAsking: false, failures: 0, nextAtMs: undefined, lastError: undefined }

/** What follows an answer of any source: rules, slots, ring and message, and in a thread the new list and addresses. */
export async function changeCost(count: number): Promise<ChangeCost> {
  const { port1, port2 } = new MessageChannel()
  const pool = new Pool({
    choice: DEFAULT_CHOICE,
    links: [{ name: 'x', fixed: undefined, nameDefault: () => [] }],
    now: Date.now,
    timer: () => () => undefined,
    tell: (state) => view.update(state),
  })
  const view = new View('x', WANTED, pool.state)
  view.add(port1)
  const waiting: (() => void)[] = []
  const list = new PolledList('x', () => undefined)
  const intake = new ListIntake(new AddressBook(() => undefined), list, (goOn) =>
    waiting.push(goOn),
  )
  const take = () => {
    const { message } = receiveMessageOnPort(port2) as { message: FromHub }
    if (message.type === 'snapshot') intake.take(message.snapshot)
  }
  let round = 0
  const nextList = (): readonly Found[] => {
    round++
    return Array.from({ length: count }, (_, at) => instance(round * count + at))
  }
  const answered = (instances: readonly Found[]) => {
    const answer = { instances, notes: [] }
    pool.heard(0, POLLED, { result: 'success', answer, message: '', tookMs: 1 })
  }
  const mainMs = await typicalMs(answered, () => {
    receiveMessageOnPort(port2)
    return nextList()
  })
  receiveMessageOnPort(port2)
  const longest: number[] = []
  const threadMs = await typicalMs(
    () => longest.push(piecewise(take, waiting)),
    () => answered(nextList()),
  )
  port1.close()
  return { mainMs, threadMs, pieceMs: Math.min(...longest) }
}

/** Does all of it and says how long the longest piece was. */
function piecewise(first: () => void, waiting: (() => void)[]): number {
  let longestMs = 0
  for (let work: (() => void) | undefined = first; work !== undefined; work = waiting.shift()) {
    const startMs = performance.now()
    work()
    longestMs = Math.max(longestMs, performance.now() - startMs)
  }
  return longestMs
}

/** Number `at` of all there ever were. */
const instance = (at: number): Found => ({
  ...{ host: `10.${(at >> 16) & 255}.${(at >> 8) & 255}.${at & 255}`, port: 8080, addresses: [] },
  ...{ basePath: '', weight: 1 + (at % 3), zone: 'a', metadata: { version: 'v2', id: `i-${at}` } },
})
