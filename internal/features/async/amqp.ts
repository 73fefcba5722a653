import { amqpLibrary } from '../../brokers/amqp-library.ts'
import { brokerUrl, queueOptions } from '../../brokers/amqp-queue.ts'
import { backoffOf } from '../../brokers/backoff.ts'
import { optionsOf } from '../../config/options.ts'
import type { AgentDriver } from '../feature.ts'
import { AmqpAgent } from './amqp-agent.ts'
import { pacer } from './pacer.ts'

const NAMESPACE = 'async/amqp'
/** Ahead of the workers, so that none waits for the broker. */
const AHEAD = 2
const LEAST_PREFETCH = 10

/**
 * `async/amqp`: an agent takes its messages from an AMQP 0.9.1 queue (RabbitMQ). Success acknowledges a message,
 * failure puts it back or drops it (`nack_discard`).
 */
export const asyncAmqp: AgentDriver = {
  namespace: NAMESPACE,
  prepare(config, place, scope) {
    const path = `async_agent[${place.index}].extra_config."${NAMESPACE}"`
    const options = optionsOf(config, path)
    const queue = queueOptions(options)
    const url = brokerUrl(options.text('host'), options.path('host'))
    const library = amqpLibrary(path)
    if (options.integer('prefetch_size') !== 0)
      scope.log.warning(`${options.path('prefetch_size')}: RabbitMQ has none; it is ignored`)
    const { name, consumer, connection } = place.agent
    const { maxRate } = consumer
    const prefetch = queue.prefetchCount || Math.max(LEAST_PREFETCH, consumer.workers * AHEAD)
    return (agent) => {
      const running = new AmqpAgent({
        ...{ library, url, queue, prefetch, topic: consumer.topic, workers: consumer.workers },
        backoff: backoffOf(connection.backoffStrategy, scope.random),
        maxRetries: connection.maxRetries,
        healthIntervalMs: connection.healthIntervalMs,
        pacer: maxRate === 0 ? undefined : pacer(maxRate, scope.clock),
        log: scope.log,
        name,
        agent,
      })
      running.start()
      return running
    }
  },
}
