import { createHmac, randomUUID } from 'node:crypto'
import type { Server, Socket } from 'node:net'
import rhea, {
  type Connection,
  type Delivery,
  type EventContext,
  type Message,
  type Sender,
} from 'rhea'
import type { JsonObject } from '../../internal/pipe/pipe.ts'

type RemoteDelivery = Delivery & { readonly remote_state?: { described(): object } }
type Beating = Connection & {
  readonly heartbeat_in?: NodeJS.Timeout
  readonly heartbeat_out?: NodeJS.Timeout
}
type Held = { readonly body: Buffer; deliveries: number }
type Locked = { readonly held: Held; readonly timer: NodeJS.Timeout }

const KEY_NAME = 'gateway'
const KEY = 'a2V5'
const CBS = '$cbs'
const AMQPS = 5671
const TOPIC = 't'
const SUBSCRIPTION = 't/Subscriptions/s'
/** As short as tests need; the real one has five seconds at least. */
const LOCK_MS = 1_000
const OK = 202
const UNAUTHORIZED = 401

/**
 * Azure Service Bus in memory: AMQP 1.0 with claims on `$cbs`, the topic `t` with the subscription `s`, messages under
 * lock until they are accepted or given back.
 */
export class FakeServiceBus {
  readonly published: { readonly body: Buffer; readonly properties: JsonObject }[] = []
  /** What was said about messages, by their bodies. */
  readonly settled: string[] = []
  claims = 0
  /** A token of Azure's that may pass; shared keys may always. */
  goodToken = ''
  port = 0
  #server: Server | undefined
  readonly #connections = new Set<Beating>()
  readonly #sockets = new Set<Socket>()
  #ready: Held[] = []
  readonly #senders = new Set<Sender>()
  readonly #locked = new Map<Delivery, Locked>()

  get connectionString(): string {
    return `Endpoint=sb://127.0.0.1:${this.port};SharedAccessKeyName=${KEY_NAME};SharedAccessKey=${KEY};UseDevelopmentEmulator=true`
  }

  /** With a certificate: on TLS at that address of loopback, on the port that the SDK knows. */
  async listen(tls?: {
    readonly cert: string
    readonly key: string
    readonly host: string
  }): Promise<this> {
    const container = rhea.create_container({ autosettle: false, autoaccept: false })
    const mechanisms = container.sasl_server_mechanisms as unknown as { enable_anonymous(): void }
    mechanisms.enable_anonymous()
    container.on('connection_open', ({ connection }: EventContext) => {
      this.#connections.add(connection as Beating)
    })
    container.on('sender_open', ({ sender }: EventContext) => this.#openSender(sender))
    container.on('sendable', () => this.#deliver())
    container.on('sender_draining', ({ sender }: EventContext) => sender?.set_drained(true))
    container.on('message', (context: EventContext) => this.#receive(context))
    for (const word of ['accepted', 'modified', 'released', 'rejected'] as const)
      container.on(word, ({ delivery }: EventContext) => this.#settle(delivery, word))
    for (const event of ['connection_error', 'disconnected', 'error'])
      container.on(event, () => undefined)
    const server =
      tls === undefined
        ? container.listen({ port: this.port, host: '127.0.0.1' })
        : container.listen({ transport: 'tls', port: AMQPS, ...tls })
    server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket.on('close', () => this.#sockets.delete(socket)))
    })
    await new Promise((resolve) => server.once('listening', resolve))
    this.port = (server.address() as { port: number }).port
    this.#server = server
    return this
  }

  /** Connections are refused, and those that are open break; messages stay, under lock until that ends. */
  async away(): Promise<void> {
    const server = this.#server
    this.#server = undefined
    this.#senders.clear()
    const closed = new Promise((resolve) => server?.close(resolve))
    for (const socket of this.#sockets) socket.resetAndDestroy()
    await closed
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { timer } of this.#locked.values()) clearTimeout(timer)
    if (this.#server !== undefined) await this.away()
    // The library's hearts beat on without their sockets.
    for (const { heartbeat_in, heartbeat_out } of this.#connections) {
      clearTimeout(heartbeat_in)
      clearTimeout(heartbeat_out)
    }
  }

  put(body: string | Buffer): void {
    this.#ready.push({ body: Buffer.from(body), deliveries: 0 })
    this.#deliver()
  }

  #openSender(sender: Sender | undefined): void {
    const address = sender?.source?.address
    if (sender === undefined || address === CBS) return
    if (address !== SUBSCRIPTION) {
      const condition = 'amqp:not-found'
      sender.close({ condition, description: `no entity ${address}` })
      return
    }
    this.#senders.add(sender)
  }

  #deliver(): void {
    for (const sender of this.#senders) {
      while (sender.is_open() && sender.sendable()) {
        const held = this.#ready.shift()
        if (held === undefined) return
        held.deliveries++
        const content = rhea.message.data_section(held.body)
        const message = { body: content, delivery_count: held.deliveries - 1 }
        const tag = Buffer.from(randomUUID().replaceAll('-', ''), 'hex')
        const delivery = sender.send(message, tag)
        const timer = setTimeout(() => this.#release(delivery), LOCK_MS)
        this.#locked.set(delivery, { held, timer })
      }
    }
  }

  #receive({ message, delivery, receiver, connection }: EventContext): void {
    if (message === undefined || delivery === undefined) return
    delivery.accept()
    if (receiver?.target.address === CBS) return this.#claim(message, connection)
    if (receiver?.target.address !== TOPIC) return
    const body = (message.body as { content: Buffer }).content
    this.published.push({ body, properties: { ...message.application_properties } })
    this.put(body)
  }

  /** A token of Azure's, or a shared access signature, as Azure checks it. */
  #claim(request: Message, connection: Connection): void {
    const fields = new URLSearchParams(String(request.body).replace('SharedAccessSignature ', ''))
    const signed = `${encodeURIComponent(fields.get('sr') ?? '')}\n${fields.get('se')}`
    const signature = createHmac('sha256', KEY).update(signed).digest('base64')
    const isSigned =
      fields.get('skn') === KEY_NAME &&
      fields.get('sig') === signature &&
      Number(fields.get('se')) * 1000 > Date.now()
    const isToken = request.application_properties?.['type'] === 'jwt'
    const isRight = isToken ? request.body === this.goodToken : isSigned
    this.claims++
    connection
      .find_sender((link: Sender) => link.source?.address === CBS)
      ?.send({
        correlation_id: String(request.message_id),
        body: '',
        application_properties: {
          'status-code': isRight ? OK : UNAUTHORIZED,
          'status-description': isRight ? 'Accepted' : 'InvalidSignature: wrong key',
        },
      })
  }

  #settle(delivery: Delivery | undefined, word: string): void {
    const locked = delivery && this.#locked.get(delivery)
    if (delivery === undefined || locked === undefined) return
    this.settled.push(`${word} ${locked.held.body}`)
    if (word !== 'accepted') this.#release(delivery)
    else {
      clearTimeout(locked.timer)
      this.#locked.delete(delivery)
    }
    // What the other side wants is what becomes of it.
    delivery.update(true, (delivery as RemoteDelivery).remote_state?.described())
  }

  #release(delivery: Delivery): void {
    const locked = this.#locked.get(delivery)
    if (locked === undefined) return
    clearTimeout(locked.timer)
    this.#locked.delete(delivery)
    this.#ready.unshift(locked.held)
    this.#deliver()
  }
}
