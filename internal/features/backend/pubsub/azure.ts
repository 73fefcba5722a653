import { setTimeout as pause } from 'node:timers/promises'
import type { Delivery } from '../../../brokers/inbox.ts'
import { parseDuration } from '../../../config/duration.ts'
import { unusable } from '../../../config/options.ts'
import { ConfigError } from '../../../errors.ts'
import { checkBatchSize, onlyOptions } from './address.ts'
import {
  type AzureClient,
  type AzureMessage,
  type AzureReceiver,
  azureIdentity,
  azureLibrary,
} from './azure-library.ts'
import type { Address, Driver, DriverScope } from './driver.ts'
import { lastReason } from './last-reason.ts'
import { type Settling, settling } from './settling.ts'
import { sharedPull } from './shared-pull.ts'
import { untilOver } from './until-over.ts'

const CONNECTION = 'SERVICEBUS_CONNECTION_STRING'
const HOSTNAME = 'AZURE_SERVICEBUS_HOSTNAME'
const LISTENER_TIMEOUT = 'listener_timeout'
const RECEIVE_BATCH = 'max_recv_batch_size'
/** As gocloud.dev asks. */
const USUAL_WAIT_MS = 2_000
const USUAL_BATCH = 50
const MOST_BATCHED = 1000
const CLOSE_LIMIT_MS = 2_000
/** One more try, soon: what waits longer is for the request's own time to end. */
const OPTIONS = { retryOptions: { maxRetries: 1, retryDelayInMs: 200, timeoutInMs: 10_000 } }

/**
 * `azuresb://topic` (or a queue) and `azuresb://topic?subscription=name`, in the namespace of
 * `SERVICEBUS_CONNECTION_STRING` or `AZURE_SERVICEBUS_HOSTNAME`.
 */
export const azuresb: Driver = {
  redelivers: true,
  openTopic(address, scope) {
    onlyOptions(address, [], scope.path)
    const client = clientOf(scope)
    const sender = opened(scope.path, () => client.createSender(address.name))
    return {
      async send({ body, metadata }, deadline) {
        const abort = new AbortController()
        const message = { body, applicationProperties: Object.fromEntries(metadata) }
        const sent = sender.sendMessages(message, { abortSignal: abort.signal })
        await untilOver(deadline, sent.catch(lastReason)).finally(() => abort.abort())
      },
      close: () => closed(client),
    }
  },
  openSubscription(address, scope) {
    const { path } = scope
    onlyOptions(address, ['subscription', LISTENER_TIMEOUT, RECEIVE_BATCH], path)
    const subscription = subscriptionIn(address, path)
    const maxWaitTimeInMs = waitMsIn(address, path)
    checkBatchSize(address, RECEIVE_BATCH, MOST_BATCHED, path)
    const mostAtOnce = Number(address.query.get(RECEIVE_BATCH) ?? USUAL_BATCH)
    const client = clientOf(scope)
    const receiver = opened(path, () =>
      client.createReceiver(address.name, subscription, {
        ...{ receiveMode: 'peekLock', skipParsingBodyAsJson: true },
        // They are settled long before their lock ends, and those without an id cannot be renewed.
        maxAutoLockRenewalDurationInMs: 0,
      }),
    )
    const words = settling()
    return sharedPull({
      async receive(most) {
        const size = Math.min(most, mostAtOnce)
        const asked = receiver.receiveMessages(size, { maxWaitTimeInMs })
        const messages = await asked.catch(lastReason)
        return messages.map((message) => deliveryOf(message, receiver, words))
      },
      async close() {
        await words.done()
        await closed(receiver)
        await closed(client)
      },
    })
  },
}

function deliveryOf(message: AzureMessage, receiver: AzureReceiver, words: Settling): Delivery {
  const done = () => words.add(receiver.completeMessage(message))
  return {
    body: bytesOf(message.body),
    ack: done,
    nack: (requeue) => (requeue ? words.add(receiver.abandonMessage(message)) : done()),
  }
}

/** Bodies that are AMQP values or sequences, not bytes, are empty: as in gocloud.dev. */
const bytesOf = (body: unknown): Buffer =>
  body instanceof Uint8Array ? Buffer.from(body) : Buffer.alloc(0)

function subscriptionIn({ query, url }: Address, path: string): string {
  const name = query.get('subscription') ?? ''
  if (name !== '') return name
  throw unusable(url.href, path, 'no subscription', 'azuresb://topic?subscription=name')
}

function waitMsIn({ query, url }: Address, path: string): number {
  const text = query.get(LISTENER_TIMEOUT) ?? ''
  if (text === '') return USUAL_WAIT_MS
  const parsed = parseDuration(text)
  if ('reason' in parsed || parsed.ms < 0)
    throw unusable(url.href, path, `${LISTENER_TIMEOUT} is no duration`, `${LISTENER_TIMEOUT}=2s`)
  return parsed.ms || USUAL_WAIT_MS
}

/** The library may wait forever for the farewell of a broker that has gone away. */
async function closed(what: { close(): Promise<void> }): Promise<void> {
  // A connection that is broken needs no end.
  const ended = what.close().catch(() => undefined)
  await Promise.race([ended, pause(CLOSE_LIMIT_MS, undefined, { ref: false })])
}

/** The connection string may be that of another topic. */
function opened<T>(path: string, open: () => T): T {
  try {
    return open()
  } catch (error) {
    throw new ConfigError((error as Error).message, { path })
  }
}

/** It connects when it is first used, and again when it has to. */
function clientOf(scope: DriverScope): AzureClient {
  const { env, path } = scope
  const [connection = '', hostname = ''] = [env[CONNECTION], env[HOSTNAME]]
  if (connection === '' && hostname === '')
    throw unusable(
      null,
      path,
      `neither ${CONNECTION} nor ${HOSTNAME} is set in the environment`,
      'the address of the namespace',
    )
  const { ServiceBusClient } = azureLibrary(path)
  if (connection === '') return new ServiceBusClient(hostname, azureIdentity(scope), OPTIONS)
  try {
    return new ServiceBusClient(connection, OPTIONS)
  } catch {
    // What it says repeats the text, and the text holds a key.
    throw new ConfigError(`${CONNECTION} is no connection string of Service Bus`, { path })
  }
}
