import type { Options } from '../config/options.ts'
import { ConfigError } from '../errors.ts'
import { watchChannel } from './amqp-channel.ts'
import type { AmqpChannel, AmqpConnection, AmqpMessage } from './amqp-library.ts'
import type { Lost } from './broker-link.ts'
import type { Delivery } from './inbox.ts'

/** An exchange and its queue, as all of KrakenD's AMQP namespaces name them. */
export type QueueOptions = {
  readonly name: string
  readonly exchange: string
  readonly durable: boolean
  readonly delete: boolean
  readonly exclusive: boolean
  /** 0: as many as the gateway finds right. */
  readonly prefetchCount: number
  readonly autoAck: boolean
  readonly noLocal: boolean
  readonly nackDiscard: boolean
}

/** @throws {ConfigError} with the place of what cannot work */
export function queueOptions(options: Options): QueueOptions {
  const prefetchCount = options.integer('prefetch_count')
  if (prefetchCount < 0 || prefetchCount > 65_535)
    throw new ConfigError('prefetch_count: allowed are 0 to 65535', { path: options.at })
  return {
    name: options.required('name'),
    exchange: options.required('exchange'),
    durable: options.flag('durable'),
    delete: options.flag('delete'),
    exclusive: options.flag('exclusive'),
    prefetchCount,
    autoAck: options.flag('auto_ack'),
    noLocal: options.flag('no_local'),
    nackDiscard: options.flag('nack_discard'),
  }
}

/** A broker's address that can be one: `amqp://` or `amqps://`. */
export function brokerUrl(url: string | undefined, path: string): string {
  if (url !== undefined && /^amqps?:\/\//i.test(url) && URL.canParse(url)) return url
  throw new ConfigError([
    {
      place: { path },
      message: 'not the address of a broker',
      found: JSON.stringify(url === undefined ? null : withoutPassword(url)),
      allowed: 'amqp://user:password@host:5672/vhost (or amqps://), with disable_host_sanitize',
    },
  ])
}

const withoutPassword = (url: string): string => url.replace(/\/\/[^@/]*@/, '//***@')

/** KrakenD declares a topic exchange whose `internal` is what the configuration calls exclusive. */
export const declareExchange = async (
  channel: AmqpChannel,
  queue: Pick<QueueOptions, 'exchange' | 'durable' | 'delete' | 'exclusive'>,
): Promise<void> => {
  await channel.assertExchange(queue.exchange, 'topic', {
    durable: queue.durable,
    autoDelete: queue.delete,
    internal: queue.exclusive,
  })
}

/** A queue being consumed. */
export type Consumed = {
  /** What came and was not settled when it ended comes again. */
  readonly isOver: boolean
  ack(message: AmqpMessage): void
  nack(message: AmqpMessage, requeue: boolean): void
  /** No further messages come; those that came can still be settled. */
  stop(): Promise<void>
  /** Resolves when the broker has what was settled: closing the connection alone would overtake it. */
  close(): Promise<void>
}

export type ConsumeOptions = {
  readonly queue: string
  readonly exclusive: boolean
  readonly noLocal: boolean
  /** Declares what must be there. */
  readonly prepare: (channel: AmqpChannel) => Promise<void>
  /** How many messages may be unsettled at once. */
  readonly prefetch: number
  readonly consumerTag?: string
  readonly take: (message: AmqpMessage, from: Consumed) => void
}

/** Declares exchange and queue, and binds them by `keys`. */
export async function declareQueue(
  channel: AmqpChannel,
  queue: QueueOptions,
  keys: readonly string[],
): Promise<void> {
  await declareExchange(channel, queue)
  const { durable, delete: autoDelete, exclusive } = queue
  await channel.assertQueue(queue.name, { durable, autoDelete, exclusive })
  for (const key of keys) await channel.bindQueue(queue.name, queue.exchange, key)
}

/**
 * Consumes a queue. Messages are always settled by us, and only `prefetch` of them
 * come ahead: that bounds the memory also where `auto_ack` lets a broker send without end.
 */
export async function consumeQueue(
  connection: AmqpConnection,
  lost: Lost,
  options: ConsumeOptions,
): Promise<Consumed> {
  const { queue, exclusive, noLocal, prepare, prefetch, consumerTag, take } = options
  const channel = await connection.createChannel()
  watchChannel(channel, lost)
  let isOver = false
  channel.on('close', () => {
    isOver = true
  })
  await prepare(channel)
  await channel.prefetch(prefetch)
  const consumed: Consumed = {
    get isOver() {
      return isOver
    },
    ack: (message) => settle(() => channel.ack(message)),
    nack: (message, requeue) => settle(() => channel.nack(message, false, requeue)),
    stop: async () => {
      await channel.cancel(tag).catch(() => undefined)
    },
    close: () => channel.close(),
  }
  const { consumerTag: tag } = await channel.consume(
    queue,
    (message) => {
      if (message === null) lost('the broker ended the consumer')
      else take(message, consumed)
    },
    { ...(consumerTag === undefined ? {} : { consumerTag }), noLocal, exclusive },
  )
  return consumed
}

/** On a channel that is gone there is nothing to settle: the broker delivers the message again. */
function settle(send: () => void): void {
  try {
    send()
  } catch {
    // see above
  }
}

/** A message with how it is settled. */
export const asDelivery = (message: AmqpMessage, from: Consumed): Delivery => ({
  body: message.content,
  ack: () => from.ack(message),
  nack: (requeue) => from.nack(message, requeue),
})
