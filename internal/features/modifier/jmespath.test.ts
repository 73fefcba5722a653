import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { placeForTests, scopeForTests } from '../../../test/support/feature-scope.ts'
import { parseExactly } from '../../decode/numbers.ts'
import { bodyOf } from '../../pipe/collect.ts'
import { DeadlineWheel } from '../../pipe/deadline.ts'
import type { DataResponse, JsonObject, JsonValue, ProxyResponse } from '../../pipe/pipe.ts'
import { decoratorsFor } from '../feature.ts'
import { jmespath } from './jmespath/compile.ts'
import { jmespathOfEndpoint } from './jmespath.ts'

const shop = {
  items: [
    { id: 1, name: 'pen', price: 2, tags: ['a', 'b'], stock: { here: 1 } },
    { id: 2, name: 'ink', price: 7.5, tags: [], stock: null },
    { id: 3, name: 'book', price: 12, tags: ['b'] },
  ],
  owner: { name: 'Ada', 'odd name': true },
  empty: '',
}

/** Expressions and what they find in `shop`, by the specification's sections. */
const FOUND: readonly [string, JsonValue][] = [
  ['owner.name', 'Ada'],
  ['owner."odd name"', true],
  ['nothing.here', null],
  ['items[0].name', 'pen'],
  ['items[-1].id', 3],
  ['items[9]', null],
  ['items[*].name', ['pen', 'ink', 'book']],
  ['items[*].stock.here', [1]],
  ['items[].tags[]', ['a', 'b', 'b']],
  ['items[::-1].id', [3, 2, 1]],
  ['items[1:].id', [2, 3]],
  ['items[:-2].id', [1]],
  ['owner.*', ['Ada', true]],
  ['items[?price > `5`].name', ['ink', 'book']],
  ["items[?contains(tags, 'b') && !(price < `10`)].name | [0]", 'book'],
  ["items[?name == 'ink' || id == `3`].id", [2, 3]],
  ['items[?stock].id', [1]],
  ['items[*].{n: name, p: price} | [1]', { n: 'ink', p: 7.5 }],
  ['items[0].[id, name]', [1, 'pen']],
  ['empty || owner.name', 'Ada'],
  ['@.owner.name', 'Ada'],
  ["'it\\'s'", "it's"],
  ['`{"a": "\\`"}`', { a: '`' }],
  ['length(items)', 3],
  ["length('ä€😀')", 3],
  ['sum(items[].price)', 21.5],
  ['avg(items[].id)', 2],
  ['avg(`[]`)', null],
  ['max_by(items, &price).name', 'book'],
  ['min_by(items, &price).name', 'pen'],
  ['sort_by(items, &name)[].name', ['book', 'ink', 'pen']],
  ['sort(keys(owner))', ['name', 'odd name']],
  ["join('-', items[].name)", 'pen-ink-book'],
  ['map(&stock.here, items)', [1, null, null]],
  ['merge(owner, `{"name":"Bob"}`).name', 'Bob'],
  ['not_null(nothing, empty)', ''],
  ['reverse(items[].id)', [3, 2, 1]],
  ["to_number('1e3')", 1000],
  ["to_number('x')", null],
  ['to_string(items[0].tags)', '["a","b"]'],
  ['to_array(owner.name)', ['Ada']],
  ['type(items)', 'array'],
  ['ceil(`1.2`)', 2],
  ["starts_with(owner.name, 'A')", true],
  ['items[0] == items[0]', true],
  ['items[0] == items[1]', false],
  ['owner.name < `3`', null],
]

/** Expressions that cannot be read. */
const BROKEN = [
  ...['', '.a', 'a.', 'a[', 'a[b]', 'a[?b', '[]]', '{a}', '{}', 'a.[]', 'a b', "'open", '`{`'],
  ...['a[::0]', 'a[1:2:3:4]', 'nope(a)', 'length()', 'length(a, b)', '&a', 'a == 1', 'a.-1', '#'],
  '('.repeat(5000),
]

async function answered(config: JsonValue, response: ProxyResponse) {
  const { scope } = scopeForTests()
  const extra = { 'modifier/jmespath': config }
  const [decorate] = decoratorsFor([jmespathOfEndpoint], extra, placeForTests(), scope)
  assert(decorate)
  const request = {
    method: 'GET',
    host: '',
    path: '/',
    query: [],
    headers: [],
    params: {},
    body: undefined,
  }
  return decorate(() => Promise.resolve(response))(
    request,
    new DeadlineWheel().start(performance.now()),
  )
}
const response = (data: JsonObject | null): DataResponse => ({
  kind: 'data',
  data,
  sources: [],
  isComplete: false,
  status: 0,
  headers: [],
  errors: [],
})

describe('JMESPath', () => {
  for (const [expression, expected] of FOUND)
    it(`finds ${expression}`, () => assert.deepEqual(jmespath(expression)(shop), expected))
  it('refuses what it cannot read', () => {
    for (const expression of BROKEN) assert.throws(() => jmespath(expression), Error, expression)
  })
  it('fails where a function gets what it cannot take', () => {
    for (const expression of [
      'sum(items)',
      'abs(owner.name)',
      'sort(`[1, "a"]`)',
      'keys(items)',
      'max(`[{}]`)',
    ])
      assert.throws(() => jmespath(expression)(shop), Error, expression)
  })
  it('keeps every digit, and compares by value', () => {
    const data = parseExactly('{"a":[{"id":12345678901234567890},{"id":3}]}', false)
    assert.equal(JSON.stringify(jmespath('a[0].id')(data)), '12345678901234567890')
    assert.equal(JSON.stringify(jmespath('a[?id > `5`]')(data)), '[{"id":12345678901234567890}]')
    assert.equal(jmespath('a[0].id == a[0].id')(data), true)
  })
  it('takes fields of its data only', () => {
    assert.equal(jmespath('constructor')({}), null)
    assert.equal(jmespath('toString.name')({}), null)
    assert.deepEqual(Object.keys(jmespath('{"__proto__": `1`}')({}) as JsonObject), ['__proto__'])
  })
})

describe('modifier/jmespath', () => {
  it('puts what it finds in the place of the answer', async () => {
    const found = async (expr: string) => {
      const answer = await answered({ expr }, response(shop))
      return answer.kind === 'data' ? answer.data : undefined
    }
    assert.deepEqual(await found('owner.{who: name}'), { who: 'Ada' })
    assert.deepEqual(await found('items[].id'), { collection: [1, 2, 3] })
    assert.deepEqual(await found('owner.name'), { content: 'Ada' })
    assert.deepEqual(await found('nothing'), {})
  })
  it('leaves answers that pass through alone', async () => {
    const body = bodyOf(Buffer.alloc(0))
    const stream: ProxyResponse = {
      kind: 'stream',
      status: 200,
      headers: [],
      body,
      isComplete: true,
      errors: [],
    }
    assert.equal(await answered({ expr: 'a' }, stream), stream)
  })
  it('fails the request whose data its expression cannot take', async () => {
    await assert.rejects(answered({ expr: 'sum(items)' }, response(shop)), {
      name: 'GatewayError',
      message: '[JMESPath] sum() takes a number, not object',
    })
  })
  it('stops the start when the expression cannot be read', async () => {
    for (const config of [{}, { expr: 7 }, { expr: 'a[' }, 'a'])
      await assert.rejects(answered(config as JsonValue, response({})), {
        name: 'ConfigError',
        message: /^endpoints\[0\]\.backend\[0\]\.extra_config\."modifier\/jmespath"\.expr: /,
      })
  })
})
