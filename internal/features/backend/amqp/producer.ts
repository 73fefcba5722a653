import { AmqpPublisher } from '../../../brokers/amqp-publisher.ts'
import { declareExchange } from '../../../brokers/amqp-queue.ts'
import { backoffOf } from '../../../brokers/backoff.ts'
import type { DataResponse } from '../../../pipe/pipe.ts'
import { type BackendFeature, pathOf } from '../../feature.ts'
import { AMQP_CONSUMER } from './consumer.ts'
import { routedMessage } from './message.ts'
import { producerOptions } from './producer-options.ts'

const NAMESPACE = 'backend/amqp/producer'

/**
 * `backend/amqp/producer`: publishes a request's body, with its headers, to a topic exchange, and answers `null` when
 * the broker has it. On a backend that also consumes it does nothing, as in KrakenD.
 */
export const amqpProducer: BackendFeature = {
  namespace: NAMESPACE,
  prepare(config, place, scope) {
    const { backend } = place
    if (backend.extraConfig[AMQP_CONSUMER] !== undefined) return undefined
    const path = pathOf(NAMESPACE, place)
    const options = producerOptions(config, backend, path)
    if (options.immediate)
      scope.log.warning(`${path}.immediate: RabbitMQ has it no longer; it is ignored`)
    const { library, url, exchange, maxRetries, backoffStrategy } = options
    const publisher = new AmqpPublisher({
      ...{ library, url, exchange, maxRetries },
      backoff: backoffOf(backoffStrategy, scope.random),
      prepare: (channel) => declareExchange(channel, options),
      say: (text) => scope.log.info(`[BACKEND: ${backend.urlPattern}][AMQP] ${text}`),
    })
    scope.onClose(() => publisher.close())
    return () =>
      async function publish(request, deadline) {
        const body = (await scope.holder.hold(request.body, deadline)) ?? EMPTY
        await publisher.publish(routedMessage(request, options, scope.now()), body, deadline)
        return NOTHING
      }
  },
}

const EMPTY = Buffer.alloc(0)
const NOTHING: DataResponse = Object.freeze({
  kind: 'data',
  data: null,
  source: undefined,
  isComplete: true,
  status: 0,
  headers: [],
  errors: [],
})
