import { EventEmitter } from 'node:events'
import type {
  AmqpLibrary,
  AmqpMessage,
  PublishOptions,
} from '../../internal/brokers/amqp-library.ts'

/** What was published, and the broker's word on it. */
export type Published = {
  readonly key: string
  readonly content: Buffer
  readonly options: PublishOptions
  confirm(error?: Error): void
}

/** A broker in memory that does what a test tells it: `library` stands in for amqplib. */
export class FakeBroker {
  /** Refuses connections while it is set. */
  refusal: string | undefined
  /** What `publish` answers: `false` means that it waits in memory. */
  hasRoom = true
  readonly declared: string[] = []
  readonly settled: string[] = []
  readonly published: Published[] = []
  connections = 0
  prefetch = 0
  #connection: EventEmitter | undefined
  #channel: EventEmitter | undefined
  #consumer: ((message: AmqpMessage | null) => void) | undefined

  readonly library = {
    connect: async () => {
      if (this.refusal !== undefined) throw new Error(this.refusal)
      this.connections++
      const createChannel = async () => this.#open()
      this.#connection = Object.assign(new EventEmitter(), {
        ...{ createChannel, createConfirmChannel: createChannel, close: async () => undefined },
      })
      return this.#connection
    },
  } as unknown as AmqpLibrary

  /** Sends a message to the consumer. */
  deliver(text: string, redelivered = false): void {
    const content = Buffer.from(text)
    this.#consumer?.({ content, fields: { redelivered, routingKey: 'k' }, properties: {} })
  }

  /** The connection breaks. */
  cut(reason = 'cut'): void {
    this.#connection?.emit('error', new Error(reason))
    this.#channel?.emit('close')
    this.#connection?.emit('close')
  }

  /** The broker closes only the channel. */
  closeChannel(reason: string): void {
    this.#channel?.emit('error', new Error(reason))
    this.#channel?.emit('close')
  }

  emit(event: 'blocked' | 'unblocked' | 'drain' | 'return', ...words: unknown[]): void {
    const isOfChannel = event === 'drain' || event === 'return'
    ;(isOfChannel ? this.#channel : this.#connection)?.emit(event, ...words)
  }

  /** The broker ends the consumer: its queue was deleted. */
  endConsumer(): void {
    this.#consumer?.(null)
  }

  #open(): EventEmitter {
    const settle = (word: string) => (message: AmqpMessage, _all?: boolean, requeue?: boolean) =>
      void this.settled.push(`${word}${requeue === true ? ' again' : ''} ${message.content}`)
    this.#channel = Object.assign(new EventEmitter(), {
      assertExchange: async (name: string, type: string, flags: object) =>
        void this.declared.push(`${type} ${name} ${JSON.stringify(flags)}`),
      assertQueue: async (name: string, flags: object) =>
        void this.declared.push(`queue ${name} ${JSON.stringify(flags)}`),
      bindQueue: async (queue: string, exchange: string, key: string) =>
        void this.declared.push(`bind ${queue} ${exchange} ${key}`),
      prefetch: async (count: number) => {
        this.prefetch = count
      },
      consume: async (_queue: string, consumer: (message: AmqpMessage | null) => void) => {
        this.#consumer = consumer
        return { consumerTag: 'tag' }
      },
      cancel: async () => undefined,
      close: async () => undefined,
      ack: settle('ack'),
      nack: settle('nack'),
      publish: (
        _exchange: string,
        key: string,
        content: Buffer,
        options: PublishOptions,
        confirmed: (error: Error | null) => void,
      ) => {
        const confirm = (error?: Error) => confirmed(error ?? null)
        this.published.push({ key, content, options, confirm })
        return this.hasRoom
      },
    })
    return this.#channel
  }
}
