import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { GatewayError } from '../errors.ts'
import { DeadlineWheel } from '../pipe/deadline.ts'
import type { DataResponse, JsonObject, Pipe, ProxyRequest } from '../pipe/pipe.ts'
import { parallel } from './parallel.ts'
import { sequential } from './sequential.ts'

const data = (value: JsonObject | null, more: Partial<DataResponse> = {}): DataResponse => ({
  kind: 'data',
  data: value,
  sources: [],
  isComplete: true,
  status: 0,
  headers: [],
  errors: [],
  ...more,
})
const REQUEST: ProxyRequest = {
  method: 'GET',
  host: '',
  path: '',
  query: [],
  headers: [],
  params: {},
  body: undefined,
}
const answering =
  (value: JsonObject | null, more: Partial<DataResponse> = {}): Pipe =>
  async () =>
    data(value, more)
const failing =
  (message: string, status?: number): Pipe =>
  async () => {
    throw new GatewayError('status-code', { message, status })
  }
const deadline = () => new DeadlineWheel().start(performance.now()).limit(1000)

describe('a parallel merge', () => {
  it('keeps the exact texts of its parts', async () => {
    const [user, orders] = [{ id: 1 }, { total: 2 }]
    const sources = [user, orders].map((value) => ({ value, text: Buffer.from('{}') }))
    const response = await parallel([
      answering({ user }, { sources: sources.slice(0, 1) }),
      answering({ orders }, { sources: sources.slice(1) }),
    ])(REQUEST, deadline())
    assert(response.kind === 'data')
    assert.deepEqual(response.sources, sources)
    assert.equal(response.data?.['user'], user)
  })

  it('joins top-level names, the later arrival winning, nothing deeper', async () => {
    const slow: Pipe = async () => {
      await new Promise((resolve) => setImmediate(resolve))
      return data({ a: { y: 2 }, c: 3 })
    }
    const merged = await parallel([slow, answering({ a: { x: 1 }, b: 2 })])(REQUEST, deadline())
    assert.deepEqual(merged.kind === 'data' && merged.data, { a: { y: 2 }, b: 2, c: 3 })
    assert.equal(merged.isComplete, true)
  })

  it('answers what arrived when a part fails, incomplete, with the failure', async () => {
    const merged = await parallel([failing('gone', 404), answering({ a: 1 })])(REQUEST, deadline())
    assert.deepEqual(merged.kind === 'data' && merged.data, { a: 1 })
    assert.equal(merged.isComplete, false)
    assert.deepEqual(
      merged.errors.map((error) => error.message),
      ['gone'],
    )
  })

  it('fails without any status when all parts fail, their messages joined', async () => {
    const both = parallel([failing('one', 404), failing('two', 404)])(REQUEST, deadline())
    await assert.rejects(both, { message: 'one\ntwo', status: undefined, code: 'merge' })
  })

  it('counts a part without data as incomplete', async () => {
    const merged = await parallel([answering(null), answering({ a: 1 })])(REQUEST, deadline())
    assert.equal(merged.isComplete, false)
  })

  it('gives its parts 85 % of the time', async () => {
    const outer = deadline()
    const seen: number[] = []
    const spy: Pipe = async (_request, inner) => {
      seen.push(Math.round(inner.atMs - outer.startMs))
      return data({})
    }
    await parallel([spy, spy])(REQUEST, outer)
    assert.deepEqual(seen, [850, 850])
  })

  it('takes a name like any other from outside for what it is: a name', async () => {
    const hostile = JSON.parse('{"__proto__":{"polluted":true},"constructor":1}') as JsonObject
    const merged = await parallel([answering(hostile), answering({ a: 1 })])(REQUEST, deadline())
    assert.equal(({} as Record<string, unknown>)['polluted'], undefined)
    assert.ok(merged.kind === 'data' && Object.hasOwn(merged.data ?? {}, '__proto__'))
  })
})

describe('a sequential merge', () => {
  const seen: ProxyRequest[] = []
  const spy =
    (answer: DataResponse): Pipe =>
    async (request) => {
      seen.push(request)
      return answer
    }

  it('hands values of earlier answers on, as text, by KrakenD names', async () => {
    seen.length = 0
    const first = spy(data({ id: 7, user: { name: 'Jo' }, list: [1, 'a'], none: null }))
    const names = ['resp0_id', 'resp0_user.name', 'resp0_list', 'resp0_none', 'resp0_absent']
    await sequential([first, spy(data({ b: 1 }))], names, 1000)(REQUEST, deadline())
    assert.deepEqual(seen[1]?.params, { Resp0_id: '7', 'Resp0_user.name': 'Jo', Resp0_list: '1,a' })
  })

  it('never reads inherited names of an answer', async () => {
    seen.length = 0
    await sequential(
      [spy(data({})), spy(data({}))],
      ['resp0_constructor.name'],
      1000,
    )(REQUEST, deadline())
    assert.deepEqual(seen[1]?.params, {})
  })

  it('surfaces the failure of its first call as it is, and ends with what it has at a later one', async () => {
    const alone = sequential([failing('no', 404), answering({ a: 1 })], [], 1000)
    await assert.rejects(alone(REQUEST, deadline()), { status: 404 })
    const later = await sequential(
      [answering({ a: 1 }), failing('no', 404), answering({ c: 1 })],
      [],
      1000,
    )(REQUEST, deadline())
    assert.deepEqual(later.kind === 'data' && later.data, { a: 1 })
    assert.equal(later.isComplete, false)
  })

  it('does not go on after an incomplete answer', async () => {
    seen.length = 0
    const partial = data({ a: 1 }, { isComplete: false })
    const merged = await sequential(
      [spy(partial), spy(data({ b: 1 }))],
      [],
      1000,
    )(REQUEST, deadline())
    assert.equal(seen.length, 1)
    assert.equal(merged.isComplete, false)
  })
})
