import { setTimeout as pause } from 'node:timers/promises'
import { backoffOf } from '../../../brokers/backoff.ts'
import { BrokerLink, type Dial } from '../../../brokers/broker-link.ts'
import { Inbox, type MessageSource } from '../../../brokers/inbox.ts'
import { unusable } from '../../../config/options.ts'
import { GatewayError } from '../../../errors.ts'
import { fromEnvironment, onlyOptions } from './address.ts'
import type { Address, Driver, DriverScope, Topic } from './driver.ts'
import { commitInOrder } from './kafka-commit.ts'
import { type KafkaConsumer, type KafkaLibrary, kafkaLibrary } from './kafka-library.ts'
import { lastReason } from './last-reason.ts'
import { untilOver } from './until-over.ts'

const CONNECT_LIMIT_MS = 5_000
/** How long a stop waits for what is done to be remembered. */
const COMMIT_LIMIT_MS = 3_000
const RETRIES = 2
const RETRY_MS = 500
/** All replicas in sync have it. */
const ALL = -1
/** What may be on its way to brokers that do not answer. */
const MOST_UNSENT_BYTES = 64 * 2 ** 20
/** What waits for requests. */
const MOST_WAITING = 32
const MOST_FETCHED_BYTES = 2 ** 20

/**
 * `kafka://topic?key_name=X-Key` publishes, `kafka://group?topic=a&topic=b&offset=oldest` consumes, on the brokers of
 * `KAFKA_BROKERS`.
 */
export const kafka: Driver = { openTopic, openSubscription, redelivers: false }

function baseOptions(address: Address, { path, env }: DriverScope) {
  const brokers = fromEnvironment('KAFKA_BROKERS', env, path)
    .split(',')
    .map((one) => one.trim())
  if (!brokers.every((one) => /^[^\s:]+:\d+$/.test(one)))
    throw unusable(null, path, 'KAFKA_BROKERS is no list of brokers', 'host:9092,other:9092')
  return {
    ...{ clientId: `gateway ${address.name}`, bootstrapBrokers: brokers, autocreateTopics: true },
    ...{ connectTimeout: CONNECT_LIMIT_MS, retries: RETRIES, retryDelay: RETRY_MS },
  }
}

function openTopic(address: Address, scope: DriverScope): Topic {
  onlyOptions(address, ['key_name'], scope.path)
  const keyName = address.query.get('key_name')
  const options = baseOptions(address, scope)
  const { Producer } = kafkaLibrary(scope.path)
  const producer = new Producer(options)
  let unsentBytes = 0
  return {
    async send({ body, metadata }, deadline) {
      if (unsentBytes + body.length > MOST_UNSENT_BYTES)
        throw new GatewayError('component', { message: 'the Kafka brokers do not keep up' })
      const key = keyName === null ? undefined : metadata.get(keyName)
      const headers = [...metadata].filter(([name]) => name !== keyName)
      unsentBytes += body.length
      const message = {
        ...{ topic: address.name, value: body },
        ...(key === undefined ? {} : { key: Buffer.from(key) }),
        headers: new Map(headers.map(([name, text]) => [Buffer.from(name), Buffer.from(text)])),
      }
      const sent = producer.send({ acks: ALL, messages: [message] }).finally(() => {
        unsentBytes -= body.length
      })
      await untilOver(deadline, sent.catch(lastReason))
    },
    async close() {
      // What it still retries is given up.
      await producer.close(true).catch(() => undefined)
    },
  }
}

function openSubscription(address: Address, scope: DriverScope): MessageSource {
  onlyOptions(address, ['topic', 'offset'], scope.path)
  const topics = address.query.getAll('topic')
  if (topics.length === 0)
    throw unusable(address.url.href, scope.path, 'no topic', 'kafka://group?topic=orders')
  const fallbackMode = firstOffset(address, scope.path)
  const options = { ...baseOptions(address, scope), groupId: address.name }
  const library = kafkaLibrary(scope.path)
  const inbox = new Inbox()
  const dial = consumerDial(inbox, library, options, { topics, fallbackMode })
  const link = new BrokerLink({
    ...{ dial, backoff: backoffOf('', scope.random), maxRetries: 0, say: scope.say },
    down: () => inbox.clear(),
  })
  link.start()
  return {
    async take(timeoutMs) {
      if (link.current === undefined && link.failure !== undefined)
        throw new Error('connection not available, trying to reconnect')
      const message = await inbox.take(timeoutMs)
      if (inbox.size < MOST_WAITING) link.current?.resume()
      return message
    },
    async close() {
      inbox.fail('closed')
      await link.close()
    },
  }
}

/** Where a group begins that has committed nothing yet: as in gocloud.dev at what comes from now on. */
function firstOffset({ query, url }: Address, path: string): 'earliest' | 'latest' {
  const offset = query.get('offset') ?? 'newest'
  if (offset === 'oldest') return 'earliest'
  if (offset === 'newest') return 'latest'
  throw unusable(url.href, path, `unknown offset "${offset}"`, 'oldest, newest')
}

function consumerDial(
  inbox: Inbox,
  { Consumer }: KafkaLibrary,
  options: ConstructorParameters<KafkaLibrary['Consumer']>[0],
  from: { readonly topics: readonly string[]; readonly fallbackMode: 'earliest' | 'latest' },
): Dial<{ resume(): unknown }> {
  return async (lost) => {
    const consumer: KafkaConsumer = new Consumer(options)
    const commits = commitInOrder((error) => lost(error.message))
    const close = async (): Promise<void> => {
      await Promise.race([commits.written(), pause(COMMIT_LIMIT_MS, undefined, { ref: false })])
      await consumer.close(true).catch(() => undefined)
    }
    try {
      const stream = await consumer.consume({
        ...from,
        ...{ autocommit: false, mode: 'committed' },
        ...{ highWaterMark: MOST_WAITING, maxBytes: MOST_FETCHED_BYTES },
      })
      stream.on('error', (error) => lost(error.message))
      stream.on('close', () => lost('the stream of messages ended'))
      stream.on('data', (message) => {
        const done = commits.came(message)
        const body = message.value ?? Buffer.alloc(0)
        const delivery = {
          ...{ body, ack: done },
          nack: (requeue: boolean) => (requeue ? inbox.put(delivery) : done()),
        }
        inbox.put(delivery)
        if (inbox.size >= MOST_WAITING) stream.pause()
      })
      return { opened: stream, close }
    } catch (error) {
      await close()
      throw error
    }
  }
}
