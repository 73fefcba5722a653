import { createHash, generateKeyPairSync, verify } from 'node:crypto'
import { createServer, type IncomingMessage } from 'node:http'
import type { JsonObject } from '../../internal/pipe/pipe.ts'

type Message = {
  readonly data: string
  readonly attributes: JsonObject
  readonly messageId: string
}
type Leased = { readonly message: Message; readonly timer: NodeJS.Timeout }
type Refusal = { readonly status: number; readonly message: string }

/** As short as tests need; the real one has ten seconds at least. */
const LEASE_MS = 1_000
/** How long a pull waits for a message; the real one longer. */
const LONG_POLL_MS = 500
const EMAIL = 'gateway@project.iam.gserviceaccount.com'
const KEY_ID = 'key-1'

/**
 * Google Pub/Sub in memory, by its REST API: one topic `projects/p/topics/t` with the subscription
 * `projects/p/subscriptions/s`, and a server of tokens that checks who asks.
 */
export class FakeGoogle {
  /** Answers to the next calls, before they are looked at. */
  readonly refusals: Refusal[] = []
  /** Every call: its verb, and whether its token was good. */
  readonly calls: string[] = []
  /** What was said about messages, by their data. */
  readonly settled: string[] = []
  readonly published: Message[] = []
  tokensGiven = 0
  /** Whether calls need a token that was given here. */
  wantsToken = false
  port = 0
  readonly #keys = generateKeyPairSync('rsa', { modulusLength: 2048 })
  readonly #tokens = new Set<string>()
  #ready: Message[] = []
  #waiting: (() => void)[] = []
  readonly #leased = new Map<string, Leased>()
  #lastId = 0
  readonly #server = createServer(async (request, reply) => {
    const body = Buffer.concat(await request.toArray()).toString()
    const { status, value } = await this.#answer(request, body)
    reply.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value))
  })

  get address(): string {
    return `127.0.0.1:${this.port}`
  }

  /** The content of a service account's file. */
  get credentials(): JsonObject {
    const pem = this.#keys.privateKey.export({ type: 'pkcs8', format: 'pem' })
    return {
      ...{ type: 'service_account', client_email: EMAIL, private_key_id: KEY_ID },
      ...{ private_key: String(pem), token_uri: `http://${this.address}/token` },
    }
  }

  async listen(): Promise<this> {
    await new Promise<void>((resolve) => this.#server.listen(this.port, '127.0.0.1', resolve))
    this.port = (this.#server.address() as { port: number }).port
    return this
  }

  /** Connections are refused, and those that are open break; messages stay. */
  async away(): Promise<void> {
    for (const wake of this.#waiting.splice(0)) wake()
    const closed = new Promise((resolve) => this.#server.close(resolve))
    this.#server.closeAllConnections()
    await closed
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { timer } of this.#leased.values()) clearTimeout(timer)
    if (this.#server.listening) await this.away()
  }

  put(data: string | Buffer, attributes: JsonObject = {}): void {
    const message = {
      ...{ data: Buffer.from(data).toString('base64'), attributes },
      messageId: String(++this.#lastId),
    }
    this.#ready.push(message)
    this.#waiting.shift()?.()
  }

  /** Tokens that were given are good no longer. */
  forgetTokens(): void {
    this.#tokens.clear()
  }

  async #answer(request: IncomingMessage, body: string) {
    if (request.url === '/token') return this.#grant(body)
    const [, resource = '', verb = ''] =
      /^\/v1\/(.+):(\w+)$/.exec(decodeURIComponent(request.url ?? '')) ?? []
    this.calls.push(verb)
    const refusal = this.refusals.shift()
    if (refusal !== undefined) return failure(refusal.status, refusal.message)
    const token = (request.headers.authorization ?? '').replace(/^Bearer /, '')
    if (this.wantsToken && !this.#tokens.has(token))
      return failure(401, 'Request had invalid authentication credentials.')
    const known = verb === 'publish' ? 'projects/p/topics/t' : 'projects/p/subscriptions/s'
    if (resource !== known || request.method !== 'POST')
      return failure(404, `Resource not found (resource=${resource.split('/').at(-1)}).`)
    return this.#work(verb, JSON.parse(body) as JsonObject)
  }

  async #work(verb: string, words: JsonObject) {
    switch (verb) {
      case 'publish':
        return this.#publish(words['messages'] as { data: string; attributes: JsonObject }[])
      case 'pull':
        return this.#pull()
      case 'acknowledge':
        return this.#settle(words['ackIds'] as string[], false)
      case 'modifyAckDeadline':
        return this.#settle(words['ackIds'] as string[], words['ackDeadlineSeconds'] === 0)
      default:
        return failure(404, 'no such method')
    }
  }

  #publish(messages: readonly { data: string; attributes: JsonObject }[]) {
    const kept = messages.map((one) => ({ ...one, messageId: String(++this.#lastId) }))
    this.published.push(...kept)
    this.#ready.push(...kept)
    for (const wake of this.#waiting.splice(0)) wake()
    return { status: 200, value: { messageIds: kept.map(({ messageId }) => messageId) } }
  }

  async #pull() {
    if (this.#ready.length === 0) {
      const { promise, resolve } = Promise.withResolvers<void>()
      this.#waiting.push(resolve)
      const timer = setTimeout(resolve, LONG_POLL_MS)
      await promise
      clearTimeout(timer)
    }
    const message = this.#ready.shift()
    if (message === undefined) return { status: 200, value: {} }
    const ackId = `lease-${++this.#lastId}`
    const timer = setTimeout(() => this.#release(ackId), LEASE_MS)
    this.#leased.set(ackId, { message, timer })
    return { status: 200, value: { receivedMessages: [{ ackId, message }] } }
  }

  #settle(ackIds: readonly string[], isAgain: boolean) {
    for (const ackId of ackIds) {
      const data = this.#leased.get(ackId)?.message.data ?? ''
      this.settled.push(`${isAgain ? 'again' : 'done'} ${Buffer.from(data, 'base64')}`)
      if (isAgain) this.#release(ackId)
      else {
        clearTimeout(this.#leased.get(ackId)?.timer)
        this.#leased.delete(ackId)
      }
    }
    return { status: 200, value: {} }
  }

  #release(ackId: string): void {
    const leased = this.#leased.get(ackId)
    if (leased === undefined) return
    clearTimeout(leased.timer)
    this.#leased.delete(ackId)
    this.#ready.unshift(leased.message)
    this.#waiting.shift()?.()
  }

  /** RFC 7523, as Google checks it. */
  #grant(form: string) {
    const fields = new URLSearchParams(form)
    const [head = '', claims = '', signature = ''] = (fields.get('assertion') ?? '').split('.')
    const isSigned = verify(
      'sha256',
      Buffer.from(`${head}.${claims}`),
      this.#keys.publicKey,
      Buffer.from(signature, 'base64url'),
    )
    const read = (part: string) => JSON.parse(Buffer.from(part, 'base64url').toString() || '{}')
    const { iss, aud, scope, iat, exp } = read(claims)
    const rights = [
      isSigned,
      fields.get('grant_type') === 'urn:ietf:params:oauth:grant-type:jwt-bearer',
      ...[read(head).kid === KEY_ID, iss === EMAIL, aud === `http://${this.address}/token`],
      scope === 'https://www.googleapis.com/auth/pubsub',
      exp - iat <= 3600 && Math.abs(iat * 1000 - Date.now()) < 60_000,
    ]
    return rights.includes(false)
      ? { status: 400, value: { error: 'invalid_grant' } }
      : this.#give()
  }

  #give() {
    const token = createHash('sha256')
      .update(String(++this.tokensGiven))
      .digest('hex')
    this.#tokens.add(token)
    return { status: 200, value: { access_token: token, expires_in: 3599, token_type: 'Bearer' } }
  }
}

const failure = (status: number, message: string) => ({
  status,
  value: { error: { code: status, message, status: 'X' } },
})
