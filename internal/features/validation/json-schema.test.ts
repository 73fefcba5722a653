import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { GatewayError } from '../../errors.ts'
import type { Deadline } from '../../pipe/deadline.ts'
import type { BodyHolder } from '../../pipe/hold-body.ts'
import type { JsonValue, Pipe, ProxyRequest } from '../../pipe/pipe.ts'
import type { EndpointPlace, Scope } from '../feature.ts'
import { jsonSchema } from './json-schema.ts'

const PLACE = {
  endpoint: { index: 2, endpoint: '/orders', method: 'POST' },
} as unknown as EndpointPlace

function trySchema(schema: JsonValue, holder?: BodyHolder) {
  const seen: ProxyRequest[] = []
  const next: Pipe = async (request) => {
    seen.push(request)
    return {} as Awaited<ReturnType<Pipe>>
  }
  const hold: BodyHolder = holder ?? { hold: async (body) => body as Buffer | undefined }
  const pipe = jsonSchema.prepare(schema, PLACE, { holder: hold } as Scope)?.(next) ?? next
  const send = (body: Buffer | undefined) => pipe({ body } as ProxyRequest, {} as Deadline)
  return { seen, send: (text: string) => send(Buffer.from(text)), sendBody: send }
}
const refused = (message: string) => (error: unknown) =>
  error instanceof GatewayError && error.status === 400 && error.message === message

describe('validation/json-schema', () => {
  it('passes the bytes on as they came', async () => {
    const { send, seen } = trySchema({ type: 'object' })
    const text = '{ "n" : 12345678901234567890, "t": "\\u00e4" }\n'
    await send(text)
    assert.equal(seen[0]?.body?.toString(), text)
  })
  it('wants a body, and JSON', async () => {
    const { send, sendBody, seen } = trySchema(true)
    const empty = 'could not validate an empty body'
    await assert.rejects(sendBody(undefined), refused(empty))
    await assert.rejects(send(''), refused(empty))
    const wrong: [string, string][] = [
      [' ', 'EOF'],
      ['{', 'unexpected EOF'],
      ['{bad', "invalid character 'b' looking for beginning of object key string"],
      ['{} x', 'invalid character after top-level value'],
      ['01', 'invalid character after top-level value'],
      ['\u00a0{}', "invalid character 'Â' looking for beginning of value"],
      ['[1 2]', "invalid character '2' after array element"],
    ]
    for (const [text, message] of wrong) await assert.rejects(send(text), refused(message), text)
    await assert.rejects(send('['.repeat(20_000) + ']'.repeat(20_000)), GatewayError)
    assert.deepEqual(seen, [])
  })
  it('refuses what does not follow the schema, in words', async () => {
    const { send, seen } = trySchema({ type: 'object', required: ['b'] })
    await assert.rejects(send('{"a":1}'), refused("- at '': missing property 'b'"))
    assert.deepEqual(seen, [])
  })
  it('leaves a body that is too large to who holds bodies', async () => {
    const tooLarge = new GatewayError('request-too-large')
    const { send } = trySchema({}, { hold: () => Promise.reject(tooLarge) })
    await assert.rejects(send('{}'), tooLarge)
  })
  it('stops the start over a schema that is none, with its place', () => {
    const schemas: JsonValue[] = [
      { type: 'no such type' },
      { $ref: '#/$defs/missing' },
      { pattern: '(' },
      { $schema: 'https://json.example/schema' },
      { $ref: 'https://json.example/s.json' },
      'object',
      null,
    ]
    for (const schema of schemas)
      assert.throws(() => trySchema(schema), {
        name: 'ConfigError',
        message: /^endpoints\[2\]\.extra_config\."validation\/json-schema": POST \/orders: /,
      })
  })
})
