import { optionalPackage } from './optional-package.ts'

/** The part of the package `amqplib` that is used here. */
export type AmqpLibrary = {
  connect(
    url: string,
    socket: { readonly timeout: number; readonly noDelay: boolean },
  ): Promise<AmqpConnection>
}
type Listening = {
  on(event: string, listener: (...words: never[]) => void): unknown
}
export type AmqpConnection = Listening & {
  createChannel(): Promise<AmqpChannel>
  createConfirmChannel(): Promise<AmqpConfirmChannel>
  close(): Promise<void>
}
export type AmqpMessage = {
  readonly content: Buffer
  readonly fields: { readonly redelivered: boolean; readonly routingKey: string }
  readonly properties: { readonly headers?: Readonly<Record<string, unknown>> }
}
export type ExchangeFlags = {
  readonly durable: boolean
  readonly autoDelete: boolean
  readonly internal: boolean
}
export type QueueFlags = {
  readonly durable: boolean
  readonly autoDelete: boolean
  readonly exclusive: boolean
}
export type AmqpChannel = Listening & {
  assertExchange(name: string, type: string, flags: ExchangeFlags): Promise<unknown>
  assertQueue(name: string, flags: QueueFlags): Promise<unknown>
  bindQueue(queue: string, exchange: string, key: string): Promise<unknown>
  prefetch(count: number): Promise<unknown>
  /** The listener gets `null` when the broker ended the consumer. */
  consume(
    queue: string,
    listener: (message: AmqpMessage | null) => void,
    options: {
      readonly consumerTag?: string
      readonly noLocal: boolean
      readonly exclusive: boolean
    },
  ): Promise<{ readonly consumerTag: string }>
  cancel(consumerTag: string): Promise<unknown>
  close(): Promise<void>
  ack(message: AmqpMessage): void
  nack(message: AmqpMessage, allUpTo: boolean, requeue: boolean): void
}
export type PublishOptions = {
  readonly mandatory?: boolean
  readonly headers?: Readonly<Record<string, unknown>>
  readonly contentType?: string
  readonly expiration?: string
  readonly replyTo?: string
  readonly messageId?: string
  readonly priority?: number
  readonly timestamp?: number
}
export type AmqpConfirmChannel = AmqpChannel & {
  /** `false` when what was written waits in memory: `drain` tells when it is gone. */
  publish(
    exchange: string,
    key: string,
    content: Buffer,
    options: PublishOptions,
    confirmed: (error: Error | null) => void,
  ): boolean
}

/** @throws {ConfigError} when it is not installed */
export const amqpLibrary = (path: string): AmqpLibrary =>
  optionalPackage('amqplib', path) as AmqpLibrary
