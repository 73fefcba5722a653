import { AmqpPublisher } from '../../../brokers/amqp-publisher.ts'
import { declareExchange } from '../../../brokers/amqp-queue.ts'
import { backoffOf } from '../../../brokers/backoff.ts'
import { backendLogName } from '../../../pipe/inner-names.ts'
import { type BackendFeature, pathOf } from '../../feature.ts'
import { publishRequest } from '../publish-request.ts'
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
      say: (text) => scope.log.info(`${backendLogName(backend)}[AMQP] ${text}`),
    })
    scope.onClose(() => publisher.close())
    return publishRequest(scope, (request, body, deadline) =>
      publisher.publish(routedMessage(request, options, scope.now()), body, deadline),
    )
  },
}
