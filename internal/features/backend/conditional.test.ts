import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { endpointForTests, scopeForTests } from '../../../test/support/feature-scope.ts'
import { DeadlineWheel } from '../../pipe/deadline.ts'
import type { JsonObject, ProxyRequest, ProxyResponse } from '../../pipe/pipe.ts'
import { type BackendPlace, decoratorsFor } from '../feature.ts'
import { conditional } from './conditional.ts'

const request: ProxyRequest = {
  method: 'GET',
  host: '',
  path: '/x',
  query: [],
  headers: [],
  params: { Id: '7' },
  body: undefined,
}
const called: ProxyResponse = {
  kind: 'data',
  data: { called: true },
  sources: [],
  isComplete: true,
  status: 0,
  headers: [],
  errors: [],
}

/** Which of the endpoint's backends, by their conditions, are called. */
function endpoint(conditions: readonly (JsonObject | undefined)[], encoding = 'json') {
  const { scope, warnings } = scopeForTests()
  const backends = conditions.map((condition, index) => ({
    index,
    encoding,
    extraConfig: condition === undefined ? {} : { 'backend/conditional': condition },
  }))
  const place = endpointForTests()
  const pipes = backends.map((backend) => {
    const own = {
      ...place,
      endpoint: { ...place.endpoint, inputHeaders: ['X-Variant'], backends },
      backend,
    } as unknown as BackendPlace
    const decorators = decoratorsFor([conditional], backend.extraConfig, own, scope)
    assert.equal(decorators.length, conditions[backend.index] === undefined ? 0 : 1)
    const [decorate] = decorators
    return decorate?.(() => Promise.resolve(called))
  })
  const answers = (changes: Partial<ProxyRequest>) =>
    Promise.all(
      pipes.map((pipe) =>
        pipe?.({ ...request, ...changes }, new DeadlineWheel().start(performance.now())),
      ),
    )
  return { answers, warnings }
}
async function calls(
  conditions: readonly (JsonObject | undefined)[],
  changes: Partial<ProxyRequest>,
) {
  const answers = await endpoint(conditions).answers(changes)
  return answers.map((answer) => answer === undefined || answer === called)
}

const header = { strategy: 'header', name: 'x-variant', value: 'b' }
const policy = { strategy: 'policy', value: "req_params.Id == '7'" }

describe('backend/conditional', () => {
  it('calls on a header, with a value or any', async () => {
    const any = { strategy: 'header', name: 'X-Variant' }
    assert.deepEqual(await calls([header, any], { headers: ['X-Variant', 'b'] }), [true, true])
    assert.deepEqual(await calls([header, any], { headers: ['X-Variant', 'c'] }), [false, true])
    assert.deepEqual(await calls([header, any], {}), [false, false])
  })
  it('calls where an expression holds; where it fails, it does not hold', async () => {
    assert.deepEqual(await calls([policy], {}), [true])
    assert.deepEqual(await calls([policy], { params: { Id: '8' } }), [false])
    assert.deepEqual(await calls([policy], { params: {} }), [false])
  })
  it('calls the fallback when no other conditional backend is called', async () => {
    const fallback = { strategy: 'fallback' }
    const all = [undefined, header, policy, fallback]
    assert.deepEqual(await calls(all, { params: {} }), [true, false, false, true])
    assert.deepEqual(await calls(all, {}), [true, false, true, false])
  })
  it('adds nothing where it does not call, and says so with no-op', async () => {
    const [data] = await endpoint([header]).answers({})
    assert(data?.kind === 'data')
    assert.deepEqual([data.data, data.isComplete, data.errors], [{}, true, []])
    const [stream] = await endpoint([header], 'no-op').answers({})
    assert.deepEqual([stream?.kind, stream?.status], ['stream', 204])
  })
  it('warns of a header that never arrives', () => {
    const { warnings } = endpoint([{ strategy: 'header', name: 'X-Other' }])
    assert.match(warnings.join(), /X-Other is not among the endpoint's input_headers/)
  })
  it('stops the start where it could not work', () => {
    for (const condition of [
      {},
      { strategy: 'weather' },
      { strategy: 'header' },
      { strategy: 'header', name: 'X A' },
      { strategy: 'header', name: 'X-A', value: 7 },
      { strategy: 'policy', value: '' },
      { strategy: 'policy', value: 'req_path ==' },
      { strategy: 'policy', value: 'resp_completed' },
    ])
      assert.throws(
        () => endpoint([condition as JsonObject]),
        (error: Error) =>
          error.name === 'ConfigError' &&
          error.message.startsWith('endpoints[0].backend[0].extra_config."backend/conditional"'),
        JSON.stringify(condition),
      )
  })
})
