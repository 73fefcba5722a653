import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { eventually } from '../../../../test/support/eventually.ts'
import { FakeGoogle } from '../../../../test/support/fake-google.ts'
import { DeadlineWheel } from '../../../pipe/deadline.ts'
import { driverOf } from './drivers.ts'

const TOPIC = 'gcppubsub://projects/p/topics/t'
const SUBSCRIPTION = 'gcppubsub://p/s'

const open = (text: string, env: Readonly<Record<string, string>>) => {
  const { driver, address } = driverOf([text], '', 'p')
  const said: string[] = []
  const scope = {
    path: 'p',
    env,
    random: () => 0,
    now: Date.now,
    say: (one: string) => said.push(one),
  }
  return {
    said,
    topic: () => driver.openTopic(address, scope),
    subscription: () => driver.openSubscription(address, scope),
  }
}
const soon = (ms = 5_000) => new DeadlineWheel().start(performance.now()).limit(ms)
const outgoing = (body: string | Buffer, headers: Record<string, string> = {}) => ({
  body: Buffer.from(body),
  metadata: new Map(Object.entries(headers)),
})

describe('Google Pub/Sub', () => {
  let dir = ''
  before(async () => {
    dir = await mkdtemp(join(os.tmpdir(), 'google-'))
  })
  after(() => rm(dir, { recursive: true }))
  const emulated = (google: FakeGoogle) => ({ PUBSUB_EMULATOR_HOST: google.address })
  const fileWith = async (content: string): Promise<string> => {
    const file = join(dir, 'credentials.json')
    await writeFile(file, content)
    return file
  }

  it('takes bytes and headers, and gives the bytes back', async () => {
    await using google = await new FakeGoogle().listen()
    const topic = open(TOPIC, emulated(google)).topic()
    const bytes = Buffer.from([0, 255, 10])
    await topic.send(outgoing(bytes, { 'X-A': 'ü', __proto__x: '' }), soon())
    assert.deepEqual(google.published[0]?.attributes, { 'X-A': 'ü', __proto__x: '' })
    const source = open(SUBSCRIPTION, emulated(google)).subscription()
    assert.deepEqual((await source.take(3_000))?.body, bytes)
    await source.close()
    await topic.close()
  })
  it('hears what became of each message, also in a stop', async () => {
    await using google = await new FakeGoogle().listen()
    const source = open(SUBSCRIPTION, emulated(google)).subscription()
    for (const data of ['1', '2', '3']) google.put(data)
    const taken = [await source.take(3_000), await source.take(3_000), await source.take(3_000)]
    taken[0]?.ack()
    taken[1]?.nack(false)
    taken[2]?.nack(true)
    await source.close()
    assert.deepEqual(google.settled.toSorted(), ['again 3', 'done 1', 'done 2'])
  })
  it('delivers again what was given back, and with nacklazy what nobody spoke of', async () => {
    await using google = await new FakeGoogle().listen()
    const env = emulated(google)
    const eager = open(SUBSCRIPTION, env).subscription()
    const lazy = open(`${SUBSCRIPTION}?nacklazy=true`, env).subscription()
    google.put('x')
    ;(await eager.take(3_000))?.nack(true)
    const again = await lazy.take(900)
    assert.equal(String(again?.body), 'x')
    again?.nack(true)
    assert.equal(await lazy.take(200), undefined)
    ;(await lazy.take(3_000))?.ack()
    await lazy.close()
    await eager.close()
    assert.deepEqual(google.settled, ['again x', 'done x'])
  })
  it('waits no longer than it was told', async () => {
    await using google = await new FakeGoogle().listen()
    const source = open(SUBSCRIPTION, emulated(google)).subscription()
    const beforeMs = performance.now()
    assert.equal(await source.take(150), undefined)
    assert.ok(performance.now() - beforeMs < 1_000)
    await source.close()
  })
  it('repeats what passes until the time is up, and says so once', async () => {
    await using google = await new FakeGoogle().listen()
    const { topic, said } = open(TOPIC, emulated(google))
    const sending = topic()
    google.refusals.push(
      ...[503, 429].map((status) => ({ status, message: 'try again' })),
      ...[{ status: 400, message: 'too large' }],
    )
    await assert.rejects(sending.send(outgoing('x'), soon()), /Pub\/Sub answered 400: too large/)
    google.refusals.push(...Array(50).fill({ status: 503, message: 'busy' }))
    const beforeMs = performance.now()
    await assert.rejects(sending.send(outgoing('x'), soon(400)), /answered 503: busy/)
    assert.ok(performance.now() - beforeMs < 400)
    google.refusals.length = 0
    await sending.send(outgoing('x'), soon())
    assert.deepEqual(said, ['Pub/Sub answered 503: try again; trying again', 'works again'])
    await sending.close()
  })
  it('fails while the server is away, and works when it is back', async () => {
    await using google = await new FakeGoogle().listen()
    await google.away()
    const env = emulated(google)
    const [topic, source] = [open(TOPIC, env).topic(), open(SUBSCRIPTION, env).subscription()]
    for (let time = 0; time < 2; time++) {
      await assert.rejects(topic.send(outgoing('x'), soon(200)), /ECONNREFUSED|other side closed/)
      await assert.rejects(source.take(200), /ECONNREFUSED|other side closed/)
      await google.listen()
      await topic.send(outgoing('x'), soon())
      ;(await source.take(3_000))?.ack()
      await eventually('it heard', () => google.settled.length === time + 1)
      await google.away()
    }
    await topic.close()
    await source.close()
  })
  it('asks as the service account of its file, with one token for all', async () => {
    await using google = await new FakeGoogle().listen()
    google.wantsToken = true
    const file = await fileWith(JSON.stringify(google.credentials))
    const sending = open(TOPIC, {
      GOOGLE_APPLICATION_CREDENTIALS: file,
      CLOUDSDK_API_ENDPOINT_OVERRIDES_PUBSUB: `http://${google.address}/`,
    }).topic()
    await Promise.all(['1', '2', '3'].map((body) => sending.send(outgoing(body), soon())))
    assert.equal(google.tokensGiven, 1)
    google.forgetTokens()
    await sending.send(outgoing('4'), soon())
    assert.deepEqual([google.tokensGiven, google.published.length], [2, 4])
    await sending.close()
  })
  it('stops the start when the address or the credentials cannot work', async () => {
    const emulator = { PUBSUB_EMULATOR_HOST: 'h:1' }
    const wrong: [string, RegExp][] = [
      ['gcppubsub://p', /no name of topics/],
      [`${TOPIC}?max_send_batch_size=1001`, /max_send_batch_size is out of range/],
      [`${TOPIC}?nacklazy=true`, /unknown option "nacklazy"/],
    ]
    for (const [text, message] of wrong) assert.throws(open(text, emulator).topic, { message })
    assert.throws(open(`${SUBSCRIPTION}?nacklazy=maybe`, emulator).subscription, {
      message: /nacklazy is neither true nor false/,
    })
    const files: [string, RegExp][] = [
      ['no json', /credentials are no JSON object/],
      ['{"type":"external_account"}', /lack "audience"/],
      ['{"type":"service_account"}', /lack "private_key"/],
      ['{"type":"service_account","private_key":"hidden"}', /private_key is no RSA key/],
      ['{"type":"authorized_user","client_id":"a"}', /lack "client_secret"/],
    ]
    for (const [content, message] of files) {
      const env = { GOOGLE_APPLICATION_CREDENTIALS: await fileWith(content) }
      assert.throws(open(TOPIC, env).topic, (error: Error) => {
        assert.match(error.message, message)
        return !error.message.includes('hidden')
      })
    }
    assert.throws(open(TOPIC, { GOOGLE_APPLICATION_CREDENTIALS: '/nowhere/x.json' }).topic, {
      message: /\/nowhere\/x\.json: Google's credentials cannot be read: ENOENT/,
    })
  })
})
