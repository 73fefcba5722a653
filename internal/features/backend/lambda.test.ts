import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { describe, it } from 'node:test'
import { packageMissing } from '../../../test/support/optional-package.ts'
import { DeadlineWheel } from '../../pipe/deadline.ts'
import type { DataResponse, JsonObject, ProxyRequest } from '../../pipe/pipe.ts'
import type { BackendPlace, Scope } from '../feature.ts'
import type { InvokeInput, InvokeOutput, LambdaLibrary } from './lambda/aws-library.ts'
import { lambda, lambdaWith } from './lambda.ts'

const REQUEST: ProxyRequest = {
  ...{ method: 'GET', host: '', path: '/', query: [], headers: ['X-A', 'b'] },
  ...{ params: { Id_user: '7', Function: 'chosen' }, body: Buffer.from('{"in":1}') },
}
const reply = (text: string, more: Partial<InvokeOutput> = {}): InvokeOutput => ({
  ...{ StatusCode: 200, Payload: Buffer.from(text), ...more },
})

function tryLambda(
  config: JsonObject,
  options: { method?: string; answer?: InvokeOutput | Error; shape?: JsonObject } = {},
) {
  const sent: InvokeInput[] = []
  const built: unknown[] = []
  const closings: (() => void)[] = []
  const library = {
    LambdaClient: class {
      constructor(given: unknown) {
        built.push(given)
      }
      async send(command: InvokeInput, { abortSignal }: { abortSignal: AbortSignal }) {
        sent.push(command)
        const { answer } = options
        if (answer instanceof Error) throw answer
        if (answer !== undefined) return answer
        return new Promise((_resolve, reject) =>
          abortSignal.addEventListener('abort', () => reject(new Error('aborted'))),
        )
      }
      destroy() {
        built.push('destroyed')
      }
    },
    InvokeCommand: function command(this: object, input: InvokeInput) {
      Object.assign(this, input)
    },
  } as unknown as LambdaLibrary
  const scope = {
    maxDecodeBytes: 1000,
    holder: { hold: async (body: Buffer) => body },
    onClose: (close: () => void) => closings.push(close),
  } as unknown as Scope
  const backend = {
    ...{ index: 0, method: options.method ?? 'GET', target: '', group: '', extraConfig: {} },
    ...{ allow: [], deny: [], mapping: {}, ...options.shape },
  }
  const place = { endpoint: { index: 0 }, backend } as unknown as BackendPlace
  const decorate = lambdaWith(() => library).prepare(config, place, scope)
  const call = (request = REQUEST, timeoutMs = 1000) => {
    const deadline = new DeadlineWheel().start(performance.now()).limit(timeoutMs)
    return decorate?.(() => Promise.reject(new Error('HTTP was called')))(
      request,
      deadline,
    ) as Promise<DataResponse>
  }
  return { call, sent, built, close: () => closings.map((close) => close()) }
}

describe('backend/lambda', () => {
  it('hands the parameters over for GET, with names in small letters', async () => {
    const { call, sent } = tryLambda({ function_name: 'users' }, { answer: reply('{"a":1}') })
    const response = await call()
    assert.deepEqual(response.data, { a: 1 })
    assert.deepEqual([response.status, response.isComplete], [200, true])
    assert.equal(sent[0]?.FunctionName, 'users')
    assert.equal(
      Buffer.from(sent[0]?.Payload ?? []).toString(),
      '{"id_user":"7","function":"chosen"}\n',
    )
  })
  it('hands the body over for other methods, to the function that a parameter names', async () => {
    const options = { method: 'POST', answer: reply('{}', { ExecutedVersion: '$LATEST' }) }
    const { call, sent } = tryLambda({ function_param_name: 'Function' }, options)
    assert.deepEqual((await call()).headers, ['X-Amz-Executed-Version', '$LATEST'])
    assert.equal(sent[0]?.FunctionName, 'chosen')
    assert.equal(Buffer.from(sent[0]?.Payload ?? []).toString(), '{"in":1}')
  })
  it('shapes the answer and keeps its numbers', async () => {
    const options = { answer: reply('{"x":{"id":9007199254740993,"b":2}}'), shape: { target: 'x' } }
    const { data } = await tryLambda({ function_name: 'f' }, options).call()
    assert.equal(JSON.stringify(data), '{"id":9007199254740993,"b":2}')
  })
  it('fails when the function is not named, the status is another or the answer no object', async () => {
    const cases: [JsonObject, InvokeOutput | Error, RegExp][] = [
      [{}, reply('{}'), /no parameter "function" names the function/],
      [{ function_name: 'f' }, reply('{}', { StatusCode: 202 }), /^aws lambda: bad status code$/],
      [{ function_name: 'f' }, reply('[1]'), /cannot unmarshal array/],
      [{ function_name: 'f' }, reply(''), /EOF/],
      [{ function_name: 'f' }, reply('{"a":1} x'), /invalid character after top-level value/],
      [{ function_name: 'f' }, reply(`{"a":"${'x'.repeat(1000)}"}`), /too large/],
      [{ function_name: 'f' }, new Error('no credentials'), /^no credentials$/],
    ]
    for (const [config, answer, message] of cases)
      await assert.rejects(tryLambda(config, { answer }).call(), { name: 'GatewayError', message })
  })
  it('answers null with null, and reads what is no UTF-8 as Go does', async () => {
    const nothing = tryLambda({ function_name: 'f' }, { answer: reply(' null\n') })
    assert.equal((await nothing.call()).data, null)
    const bytes = { Payload: Buffer.from('7b2261223a22ff227d0a', 'hex') }
    const odd = tryLambda({ function_name: 'f' }, { answer: reply('', bytes) })
    assert.deepEqual((await odd.call()).data, { a: '\ufffd' })
  })
  it('hands on the status with which AWS refuses, as KrakenD does', async () => {
    const cases: [number | undefined, number | undefined][] = [
      ...([
        [404, 404],
        [403, 403],
        [429, 429],
        [200, undefined],
        [undefined, undefined],
      ] as const),
    ].map(([given, status]) => [given, status])
    for (const [httpStatusCode, status] of cases) {
      const answer = Object.assign(new Error('no'), { $metadata: { httpStatusCode } })
      const call = tryLambda({ function_name: 'f' }, { answer }).call()
      await assert.rejects(call, { name: 'GatewayError', message: 'no', status })
    }
  })
  it('gives up at the deadline, with its reason', async () => {
    await assert.rejects(tryLambda({ function_name: 'f' }).call(REQUEST, 20), { code: 'timeout' })
  })
  it('hands region, endpoint and retries to the SDK, and closes it', () => {
    const { built, close } = tryLambda({
      ...{ function_name: 'f', region: 'eu-west-1', endpoint: 'http://l:1', max_retries: 2 },
    })
    close()
    const options = { region: 'eu-west-1', endpoint: 'http://l:1', maxAttempts: 3 }
    assert.deepEqual(built, [options, 'destroyed'])
    assert.deepEqual(tryLambda({ max_retries: -1 }).built, [{}])
  })
  it('stops the start where it could not work, with the place', () => {
    const place = 'endpoints[0].backend[0].extra_config."backend/lambda"'
    const wrong: [JsonObject, string][] = [
      [{ endpoint: 'here' }, `${place}.endpoint: not an address`],
      [{ function_name: 7 }, `${place}.function_name: a value of another type`],
      [{ max_retries: 1.5 }, `${place}.max_retries: a value of another type`],
    ]
    for (const [config, message] of wrong)
      assert.throws(
        () => tryLambda(config),
        (error: Error) => error.name === 'ConfigError' && error.message.startsWith(message),
      )
  })
  it('signs its call as the SDK does', {
    skip: packageMissing('@aws-sdk/client-lambda'),
  }, async () => {
    const seen: string[] = []
    const server = createServer(async (request, response) => {
      seen.push(`${request.method} ${request.url}`, String(request.headers.authorization))
      seen.push((await request.toArray()).join(''))
      response.setHeader('X-Amz-Executed-Version', '3')
      response.end('{"from":"lambda"}')
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as { port: number }
    process.env['AWS_ACCESS_KEY_ID'] = 'AKIDEXAMPLE'
    process.env['AWS_SECRET_ACCESS_KEY'] = 'secret'
    const closings: (() => void)[] = []
    const scope = {
      maxDecodeBytes: 1000,
      onClose: (close: () => void) => closings.push(close),
    } as unknown as Scope
    const backend = {
      ...{ index: 0, method: 'GET', target: '', group: '', extraConfig: {} },
      ...{ allow: [], deny: [], mapping: {} },
    }
    const config = { function_name: 'f', region: 'eu-west-1', endpoint: `http://127.0.0.1:${port}` }
    const place = { endpoint: { index: 0 }, backend } as unknown as BackendPlace
    const decorate = lambda.prepare(config, place, scope)
    const deadline = new DeadlineWheel().start(performance.now()).limit(5000)
    const response = await decorate?.(() => Promise.reject())(REQUEST, deadline)
    assert.deepEqual(response?.headers, ['X-Amz-Executed-Version', '3'])
    assert.equal(seen[0], 'POST /2015-03-31/functions/f/invocations')
    assert.match(
      seen[1] ?? '',
      /^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE\/\d{8}\/eu-west-1\/lambda/,
    )
    assert.equal(seen[2], '{"id_user":"7","function":"chosen"}\n')
    for (const close of closings) close()
    server.closeAllConnections()
    server.close()
  })
})
