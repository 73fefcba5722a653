import type { Delivery } from '../../../brokers/inbox.ts'
import { unusable } from '../../../config/options.ts'
import { GatewayError } from '../../../errors.ts'
import { checkBatchSize, flagOf, onlyOptions } from './address.ts'
import type { Address, Driver } from './driver.ts'
import { type CallLimit, type GoogleCalls, googleCalls } from './google-calls.ts'
import { pollSource } from './poll-source.ts'
import { type Settling, settling } from './settling.ts'
import { untilOver } from './until-over.ts'

/** What Pub/Sub takes and gives at most at once. */
const MOST_BATCHED = 1000
const SEND_BATCH = 'max_send_batch_size'
const RECEIVE_BATCH = 'max_recv_batch_size'
/** What may be on its way to a server that does not answer. */
const MOST_UNSENT_BYTES = 64 * 2 ** 20
const SETTLE_LIMIT_MS = 10_000

/**
 * `gcppubsub://projects/PROJECT/topics/TOPIC` and `gcppubsub://projects/PROJECT/subscriptions/NAME`, or shorter
 * `gcppubsub://PROJECT/NAME`, over Google's REST API.
 */
export const gcppubsub: Driver = {
  redelivers: true,
  openTopic(address, scope) {
    onlyOptions(address, [SEND_BATCH], scope.path)
    // Each request is answered by its own call: there is nothing to put together.
    checkBatchSize(address, SEND_BATCH, MOST_BATCHED, scope.path)
    const topic = resourceOf(address, 'topics', scope.path)
    const calls = googleCalls(scope)
    let unsentBytes = 0
    return {
      async send({ body, metadata }, deadline) {
        if (unsentBytes + body.length > MOST_UNSENT_BYTES)
          throw new GatewayError('component', { message: 'Pub/Sub does not keep up' })
        const message = { data: body.toString('base64'), attributes: Object.fromEntries(metadata) }
        const abort = new AbortController()
        unsentBytes += body.length
        const sent = calls
          .post(topic, 'publish', { messages: [message] }, limitOf(deadline.atMs, abort.signal))
          .finally(() => {
            unsentBytes -= body.length
          })
        await untilOver(deadline, sent).finally(() => abort.abort())
      },
      close: () => calls.close(),
    }
  },
  openSubscription(address, scope) {
    onlyOptions(address, [RECEIVE_BATCH, 'nacklazy'], scope.path)
    checkBatchSize(address, RECEIVE_BATCH, MOST_BATCHED, scope.path)
    const subscription = resourceOf(address, 'subscriptions', scope.path)
    const isLazy = flagOf(address, 'nacklazy', scope.path)
    const calls = googleCalls(scope)
    const words = settling()
    const settle = settler(calls, subscription, words)
    return pollSource(
      async (remainingMs, signal) => {
        const limit = limitOf(performance.now() + remainingMs, signal)
        const answer = await calls.post(subscription, 'pull', { maxMessages: 1 }, limit)
        return deliveryIn(answer, settle, isLazy)
      },
      async () => {
        await words.done()
        await calls.close()
      },
    )
  },
}

const limitOf = (untilMs: number, signal: AbortSignal): CallLimit => ({ untilMs, signal })

/** gocloud.dev's short and long names. */
function resourceOf({ name, url }: Address, kind: string, path: string): string {
  if (new RegExp(`^projects/.+/${kind}/.+$`).test(name)) return name
  const [project = '', ...rest] = name.split('/')
  if (rest.length > 0) return `projects/${project}/${kind}/${rest.join('/')}`
  throw unusable(url.href, path, `no name of ${kind}`, `gcppubsub://projects/PROJECT/${kind}/NAME`)
}

type Settle = (verb: string, lease: object) => void

function settler(calls: GoogleCalls, subscription: string, words: Settling): Settle {
  return function settle(verb, lease) {
    const limit = limitOf(performance.now() + SETTLE_LIMIT_MS, AbortSignal.timeout(SETTLE_LIMIT_MS))
    words.add(calls.post(subscription, verb, lease, limit))
  }
}

type Pulled = {
  readonly receivedMessages?: readonly {
    readonly ackId: string
    readonly message?: { readonly data?: string }
  }[]
}

function deliveryIn(answer: unknown, settle: Settle, isLazy: boolean): Delivery | undefined {
  const received = (answer as Pulled | null)?.receivedMessages?.[0]
  if (received === undefined) return undefined
  const lease = { ackIds: [received.ackId] }
  const ack = () => settle('acknowledge', lease)
  return {
    body: Buffer.from(received.message?.data ?? '', 'base64'),
    ack,
    nack(requeue) {
      if (!requeue) ack()
      else if (!isLazy) settle('modifyAckDeadline', { ...lease, ackDeadlineSeconds: 0 })
    },
  }
}
