import assert from 'node:assert/strict'
import { hash } from 'node:crypto'
import { createServer } from 'node:http'
import { describe, it } from 'node:test'
import { packageMissing } from '../../../../test/support/optional-package.ts'
import { DeadlineWheel } from '../../../pipe/deadline.ts'
import type { JsonObject } from '../../../pipe/pipe.ts'
import { awssns, awssqs } from './aws.ts'
import { awsBody, awsMessage } from './aws-message.ts'
import { driverOf } from './drivers.ts'

process.env['AWS_ACCESS_KEY_ID'] = 'AKIDEXAMPLE'
process.env['AWS_SECRET_ACCESS_KEY'] = 'secret'
const skip = packageMissing('@aws-sdk/client-sqs') || packageMissing('@aws-sdk/client-sns')
const scope = { path: 'p', env: {}, random: Math.random, now: Date.now, say() {} }

/** SQS (JSON) and SNS (forms) as far as one message goes. */
async function fakeAws(queue: JsonObject[] = []) {
  const seen: [string, string][] = []
  const server = createServer(async (request, reply) => {
    const body = (await request.toArray()).join('')
    const target = String(request.headers['x-amz-target'] ?? '').replace('AmazonSQS.', '')
    seen.push([target || 'SNS', body])
    if (target === 'ReceiveMessage') {
      const message = queue.shift()
      reply.end(JSON.stringify(message === undefined ? {} : { Messages: [message] }))
    } else if (target !== '') {
      const { MessageBody = '' } = JSON.parse(body) as { MessageBody?: string }
      reply.end(JSON.stringify({ MessageId: '1', MD5OfMessageBody: hash('md5', MessageBody) }))
    } else
      reply.end(
        '<PublishResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><PublishResult><MessageId>1</MessageId></PublishResult></PublishResponse>',
      )
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  return {
    seen,
    options: `region=eu-west-1&endpoint=http://127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
const addressOf = (text: string) => driverOf([text], '', 'p').address
const soon = () => new DeadlineWheel().start(performance.now()).limit(5_000)
const outgoing = (body: string | Buffer, headers: Record<string, string> = {}) => ({
  body: Buffer.from(body),
  metadata: new Map(Object.entries(headers)),
})

describe('messages of SNS and SQS', () => {
  it('have the attributes that gocloud.dev gives them', () => {
    assert.deepEqual(awsMessage(outgoing('ü', { 'X-A': "a b/c'+", '.b..c ü': '' })), {
      text: 'ü',
      attributes: {
        'X-A': { DataType: 'String', StringValue: 'a%20b%2Fc%27+' },
        '__0x2e__b.__0x2e__c__0x20____0xfc__': { DataType: 'String', StringValue: '' },
      },
    })
    const { text, attributes } = awsMessage(outgoing(Buffer.from([0xff, 0])))
    assert.deepEqual([text, Object.keys(attributes)], ['/wA=', ['base64encoded']])
  })
  it('are read back, also from the envelope of SNS', () => {
    const marked = { base64encoded: { StringValue: 'true' } }
    const envelope = (more: object) => JSON.stringify({ TopicArn: 'arn', Message: 'aGk=', ...more })
    const bodies = [
      awsBody({ Body: 'plain' }, false),
      awsBody({ Body: 'aGk=', MessageAttributes: marked }, false),
      awsBody({ Body: envelope({}) }, false),
      awsBody({ Body: envelope({ MessageAttributes: marked }) }, false),
      awsBody({ Body: '{"TopicArn":1,"Message":"x"}' }, false),
      awsBody({ Body: envelope({}) }, true),
      awsBody({}, false),
    ].map(String)
    const raw = envelope({})
    assert.deepEqual(bodies, ['plain', 'hi', 'aGk=', 'hi', '{"TopicArn":1,"Message":"x"}', raw, ''])
  })
  it('go out over the SDK', { skip }, async () => {
    await using aws = await fakeAws()
    const topics = [
      awssns.openTopic(addressOf(`awssns:///arn:aws:sns:eu-west-1:1:t?${aws.options}`), scope),
      awssqs.openTopic(addressOf(`awssqs://sqs.example/1/q?${aws.options}`), scope),
    ]
    for (const topic of topics) {
      await topic.send(outgoing('{"a":1}', { 'X-A': 'b' }), soon())
      await topic.close()
    }
    const [sns, sqs] = aws.seen
    const form = new URLSearchParams(sns?.[1])
    assert.deepEqual(
      ['TopicArn', 'Message', 'MessageAttributes.entry.1.Name'].map((name) => form.get(name)),
      ['arn:aws:sns:eu-west-1:1:t', '{"a":1}', 'X-A'],
    )
    assert.equal(sqs?.[0], 'SendMessage')
    assert.deepEqual(JSON.parse(sqs?.[1] ?? ''), {
      QueueUrl: 'https://sqs.example/1/q',
      MessageBody: '{"a":1}',
      MessageAttributes: { 'X-A': { DataType: 'String', StringValue: 'b' } },
    })
  })
  it('come in when they are asked for, and are deleted, or visible again at once', {
    skip,
  }, async () => {
    const message = (Body: string, ReceiptHandle: string) => ({
      ...{ Body, ReceiptHandle, MD5OfBody: hash('md5', Body) },
    })
    await using aws = await fakeAws([message('1', 'a'), message('2', 'b'), message('3', 'c')])
    const address = addressOf(`awssqs://sqs.example/1/q?${aws.options}`)
    const source = awssqs.openSubscription(address, scope)
    const settle = [
      (one: Taken) => one?.ack(),
      (one: Taken) => one?.nack(true),
      (one: Taken) => one?.nack(false),
    ]
    for (const [at, how] of settle.entries()) {
      const one = await source.take(3_000)
      assert.equal(String(one?.body), String(at + 1))
      how(one)
    }
    assert.equal(await source.take(150), undefined)
    const words = aws.seen.filter(([target]) => target !== 'ReceiveMessage').toSorted()
    assert.deepEqual(
      words.map(([target, body]) => [target, JSON.parse(body).ReceiptHandle]),
      [
        ['ChangeMessageVisibility', 'b'],
        ['DeleteMessage', 'a'],
        ['DeleteMessage', 'c'],
      ],
    )
    await source.close()
  })
  it('are refused where the address could not work', { skip }, () => {
    const open = (text: string) => () => awssqs.openSubscription(addressOf(text), scope)
    assert.throws(open('awssqs://h/q?regoin=x'), /unknown option "regoin"/)
    assert.throws(open('awssqs://h/q?raw=maybe'), /raw is neither true nor false/)
    assert.throws(
      () => awssns.openSubscription(addressOf('awssns:///arn:a'), scope),
      /SNS has no queue to take from/,
    )
  })
})
type Taken = Awaited<ReturnType<ReturnType<typeof awssqs.openSubscription>['take']>>
