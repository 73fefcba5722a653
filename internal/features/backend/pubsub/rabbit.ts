import { amqpDial } from '../../../brokers/amqp-dial.ts'
import { amqpLibrary } from '../../../brokers/amqp-library.ts'
import { fitting, short } from '../../../brokers/amqp-limits.ts'
import { AmqpPublisher } from '../../../brokers/amqp-publisher.ts'
import { asDelivery, brokerUrl, type Consumed, consumeQueue } from '../../../brokers/amqp-queue.ts'
import { backoffOf } from '../../../brokers/backoff.ts'
import { BrokerLink } from '../../../brokers/broker-link.ts'
import { Inbox, type MessageSource } from '../../../brokers/inbox.ts'
import { unusable } from '../../../config/options.ts'
import { fromEnvironment, onlyOptions } from './address.ts'
import type { Address, Driver, DriverScope, Topic } from './driver.ts'

const KEY_NAME = 'key_name'
const PREFETCH = 'prefetch_count'
const USUAL_PREFETCH = 32
const MOST_PREFETCH = 65_535

/**
 * `rabbit://exchange?key_name=X-Key` publishes to an exchange, `rabbit://queue?prefetch_count=10` takes from a queue,
 * on the broker of `RABBIT_SERVER_URL`. Both must exist: nothing is declared.
 */
export const rabbit: Driver = { openTopic, openSubscription, redelivers: true }

const urlOf = ({ env, path }: DriverScope): string =>
  brokerUrl(fromEnvironment('RABBIT_SERVER_URL', env, path), path)

function openTopic(address: Address, scope: DriverScope): Topic {
  onlyOptions(address, [KEY_NAME], scope.path)
  const keyName = address.query.get(KEY_NAME)
  const publisher = new AmqpPublisher({
    library: amqpLibrary(scope.path),
    url: urlOf(scope),
    exchange: address.name,
    prepare: async () => undefined,
    ...{ maxRetries: 0, backoff: backoffOf('', scope.random), say: scope.say },
  })
  return {
    async send({ body, metadata }, deadline) {
      const headers = fitting(new Map([...metadata].filter(([name]) => name !== keyName)))
      const key = short(keyName === null ? '' : (metadata.get(keyName) ?? ''), 'routing key')
      await publisher.publish({ key, properties: { headers, mandatory: true } }, body, deadline)
    },
    close: () => publisher.close(),
  }
}

function openSubscription(address: Address, scope: DriverScope): MessageSource {
  onlyOptions(address, [PREFETCH], scope.path)
  const written = address.query.get(PREFETCH) ?? String(USUAL_PREFETCH)
  const prefetch = Number(written)
  if (!/^\d+$/.test(written) || prefetch < 1 || prefetch > MOST_PREFETCH)
    throw unusable(written, scope.path, `${PREFETCH} is out of range`, `1 to ${MOST_PREFETCH}`)
  const inbox = new Inbox()
  const link = new BrokerLink<Consumed>({
    dial: amqpDial({
      ...{ library: amqpLibrary(scope.path), url: urlOf(scope) },
      shut: (consumed) => consumed.close(),
      open: (connection, lost) =>
        consumeQueue(connection, lost, {
          ...{ queue: address.name, exclusive: false, noLocal: false, prefetch },
          prepare: async () => undefined,
          take: (message, from) => inbox.put(asDelivery(message, from)),
        }),
    }),
    down: () => inbox.clear(),
    ...{ maxRetries: 0, backoff: backoffOf('', scope.random), say: scope.say },
  })
  link.start()
  return {
    async take(timeoutMs) {
      if (link.current === undefined && link.failure !== undefined)
        throw new Error('connection not available, trying to reconnect')
      return inbox.take(timeoutMs)
    },
    async close() {
      inbox.fail('closed')
      inbox.giveBack()
      await link.close()
    },
  }
}
