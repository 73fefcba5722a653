import { type BackendFeature, pathOf } from '../../feature.ts'
import { receiveMessage } from '../inbox/receive.ts'
import { consumerOptions } from './consumer-options.ts'

export const AMQP_CONSUMER = 'backend/amqp/consumer'

/**
 * `backend/amqp/consumer`: a backend's answer is the next message of an AMQP queue, read by the backend's encoding.
 * A request waits for one until its deadline. One that cannot be read goes back (or is dropped: `nack_discard`).
 */
export const amqpConsumer: BackendFeature = {
  namespace: AMQP_CONSUMER,
  prepare(config, place, scope) {
    const path = pathOf(AMQP_CONSUMER, place)
    const { queue, prefetchSize } = consumerOptions(config, place.backend, path)
    if (prefetchSize !== 0)
      scope.log.warning(`${path}.prefetch_size: RabbitMQ has none; it is ignored`)
    const receive = receiveMessage(place, scope, queue.nackDiscard ? 'discard' : 'requeue')
    return () => receive
  },
}
