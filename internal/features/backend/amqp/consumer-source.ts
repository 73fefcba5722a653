import { amqpDial } from '../../../brokers/amqp-dial.ts'
import {
  asDelivery,
  type Consumed,
  consumeQueue,
  declareQueue,
} from '../../../brokers/amqp-queue.ts'
import { backoffOf } from '../../../brokers/backoff.ts'
import { BrokerLink } from '../../../brokers/broker-link.ts'
import { Inbox, type MessageSource } from '../../../brokers/inbox.ts'
import type { BackendConfig } from '../../../config/types.ts'
import { backendLogName } from '../../../pipe/inner-names.ts'
import type { JsonValue } from '../../../pipe/pipe.ts'
import type { MainScope } from '../../main-service.ts'
import { consumerOptions } from './consumer-options.ts'

/** How many messages wait for a request when `prefetch_count` says nothing: KrakenD takes all that there are. */
const USUAL_PREFETCH = 32
const UNAVAILABLE = 'connection not available, trying to reconnect'

/** The process's one consumer of a backend's queue. */
export function openConsumer(
  config: JsonValue,
  backend: BackendConfig,
  path: string,
  { log }: MainScope,
): MessageSource {
  const { library, url, queue, keys, maxRetries, backoffStrategy } = consumerOptions(
    config,
    backend,
    path,
  )
  const inbox = new Inbox()
  const { exclusive, noLocal } = queue
  const link = new BrokerLink<Consumed>({
    ...{ maxRetries, backoff: backoffOf(backoffStrategy, Math.random) },
    dial: amqpDial({
      ...{ library, url, shut: (consumed) => consumed.close() },
      open: (connection, lost) =>
        consumeQueue(connection, lost, {
          ...{ queue: queue.name, exclusive, noLocal },
          prefetch: queue.prefetchCount || USUAL_PREFETCH,
          prepare: (channel) => declareQueue(channel, queue, keys),
          take: (message, from) => inbox.put(asDelivery(message, from)),
        }),
    }),
    down: () => inbox.clear(),
    say: (text) => log.info(`${backendLogName(backend)}[AMQP] ${text}`),
  })
  link.start()
  return {
    async take(timeoutMs) {
      if (link.current === undefined && link.failure !== undefined) {
        link.start()
        throw new Error(UNAVAILABLE)
      }
      const message = await inbox.take(timeoutMs)
      if (message === undefined || !queue.autoAck) return message
      // Done with when it is delivered: what becomes of it later changes nothing.
      message.ack()
      return { body: message.body, ack() {}, nack() {} }
    },
    async close() {
      inbox.fail(UNAVAILABLE)
      inbox.giveBack()
      await link.close()
    },
  }
}
