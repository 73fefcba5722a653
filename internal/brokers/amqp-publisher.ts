import { GatewayError } from '../errors.ts'
import type { Deadline } from '../pipe/deadline.ts'
import { watchChannel } from './amqp-channel.ts'
import { amqpDial } from './amqp-dial.ts'
import type {
  AmqpChannel,
  AmqpConfirmChannel,
  AmqpConnection,
  AmqpLibrary,
  AmqpMessage,
  PublishOptions,
} from './amqp-library.ts'
import type { Backoff } from './backoff.ts'
import { BrokerLink, type Lost } from './broker-link.ts'

export type PublisherOptions = {
  readonly library: AmqpLibrary
  readonly url: string
  readonly exchange: string
  /** Declares what must be there. */
  readonly prepare: (channel: AmqpChannel) => Promise<void>
  readonly maxRetries: number
  readonly backoff: Backoff
  readonly say: (text: string) => void
}
export type RoutedMessage = { readonly key: string; readonly properties: PublishOptions }

type Pending = {
  readonly key: string
  readonly body: Buffer
  isReturned: boolean
  readonly settle: (error: GatewayError | undefined) => void
}

/** RabbitMQ's words when it closes a channel for one message: since version 4 it takes 16 MiB unless told. */
const TOO_LARGE = /message size \d+ is larger than (?:configured )?max size (\d+)/

const failure = (message: string): GatewayError => new GatewayError('component', { message })
const unavailable = (): GatewayError => failure('connection not available, trying to reconnect')

/**
 * Publishes over one connection. A message counts as published when the broker has confirmed it: what was only written
 * to a socket is lost with it. While the socket is full, or the broker blocks, requests wait and nothing is written.
 */
export class AmqpPublisher {
  readonly #options: PublisherOptions
  readonly #link: BrokerLink<AmqpConfirmChannel>
  readonly #pending = new Set<Pending>()
  #room = Promise.withResolvers<void>()
  #isFull = false
  #isBlocked = false
  /** What the broker said that it takes. */
  #mostBytes = Number.POSITIVE_INFINITY

  constructor(options: PublisherOptions) {
    const { library, url, maxRetries, backoff, say } = options
    this.#options = options
    this.#link = new BrokerLink({
      ...{ maxRetries, backoff, say },
      dial: amqpDial({
        ...{ library, url },
        open: (connection, lost) => this.#open(connection, lost),
        shut: (channel) => channel.close(),
      }),
      down: (reason) => this.#down(reason),
    })
    this.#link.start()
  }

  /** Resolves when the broker has it. */
  async publish(message: RoutedMessage, body: Buffer, deadline: Deadline): Promise<void> {
    while (this.#link.current !== undefined && (this.#isFull || this.#isBlocked))
      await within(deadline, this.#room.promise)
    if (body.length > this.#mostBytes) throw new GatewayError('request-too-large')
    const channel = this.#link.current
    if (channel === undefined) {
      this.#link.start()
      throw unavailable()
    }
    await within(deadline, this.#write(channel, message, body))
  }

  async close(): Promise<void> {
    await this.#link.close()
    this.#down('closed')
  }

  async #open(connection: AmqpConnection, lost: Lost): Promise<AmqpConfirmChannel> {
    this.#isFull = false
    this.#isBlocked = false
    connection.on('blocked', () => {
      this.#isBlocked = true
    })
    connection.on('unblocked', () => {
      this.#isBlocked = false
      this.#hasRoom()
    })
    const channel = await connection.createConfirmChannel()
    watchChannel(channel, lost)
    channel.on('drain', () => {
      this.#isFull = false
      this.#hasRoom()
    })
    channel.on('return', ({ fields, content }: AmqpMessage) =>
      this.#returned(fields.routingKey, content),
    )
    await this.#options.prepare(channel)
    return channel
  }

  #write(channel: AmqpConfirmChannel, { key, properties }: RoutedMessage, body: Buffer) {
    return new Promise<void>((resolve, reject) => {
      const pending: Pending = {
        ...{ key, body, isReturned: false },
        settle: (error) => {
          this.#pending.delete(pending)
          if (error === undefined) resolve()
          else reject(error)
        },
      }
      this.#pending.add(pending)
      const confirmed = (error: Error | null) => {
        if (error !== null) pending.settle(failure(error.message))
        else if (pending.isReturned) pending.settle(failure('no queue takes the message'))
        else pending.settle(undefined)
      }
      try {
        this.#isFull = !channel.publish(this.#options.exchange, key, body, properties, confirmed)
      } catch (error) {
        pending.settle(failure((error as Error).message))
      }
    })
  }

  /** `mandatory` messages that no queue takes come back before they are confirmed. */
  #returned(key: string, body: Buffer): void {
    for (const pending of this.#pending)
      if (!pending.isReturned && pending.key === key && pending.body.equals(body)) {
        pending.isReturned = true
        return
      }
  }

  /** A message that is too large takes the channel of all with it: the next one like it is not sent. */
  #down(reason: string): void {
    this.#mostBytes = Number(TOO_LARGE.exec(reason)?.[1] ?? Number.POSITIVE_INFINITY)
    for (const pending of [...this.#pending]) pending.settle(failure(reason))
    this.#isFull = false
    this.#hasRoom()
  }

  #hasRoom(): void {
    const { resolve } = this.#room
    this.#room = Promise.withResolvers()
    resolve()
  }
}

/** What `work` comes to, unless the request is over before. */
function within(deadline: Deadline, work: Promise<void>): Promise<void> {
  return new Promise((resolve, reject) => {
    deadline.whenOver(reject)
    work.then(
      () => {
        deadline.forget(reject)
        resolve()
      },
      (error) => {
        deadline.forget(reject)
        reject(error)
      },
    )
  })
}
