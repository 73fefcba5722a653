import { type AmqpLibrary, amqpLibrary } from '../../../brokers/amqp-library.ts'
import { brokerUrl, type QueueOptions, queueOptions } from '../../../brokers/amqp-queue.ts'
import { optionsOf } from '../../../config/options.ts'
import type { BackendConfig } from '../../../config/types.ts'
import type { JsonValue } from '../../../pipe/pipe.ts'

export type ConsumerOptions = {
  readonly library: AmqpLibrary
  readonly url: string
  readonly queue: QueueOptions
  readonly keys: readonly string[]
  /** No broker is asked for it. */
  readonly prefetchSize: number
  readonly maxRetries: number
  readonly backoffStrategy: string
}

/** @throws {ConfigError} with the place of what cannot work */
export function consumerOptions(
  config: JsonValue,
  backend: BackendConfig,
  path: string,
): ConsumerOptions {
  const options = optionsOf(config, path)
  const [host] = backend.hosts
  return {
    queue: queueOptions(options),
    keys: options.texts('routing_key'),
    prefetchSize: options.integer('prefetch_size'),
    maxRetries: Math.max(0, options.integer('max_retries')),
    backoffStrategy: options.text('backoff_strategy'),
    url: brokerUrl(host, path.replace(/extra_config\..*$/, 'host')),
    library: amqpLibrary(path),
  }
}
