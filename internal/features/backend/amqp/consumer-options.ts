import { type AmqpLibrary, amqpLibrary } from '../../../brokers/amqp-library.ts'
import { brokerUrl, type QueueOptions, queueOptions } from '../../../brokers/amqp-queue.ts'
import { objectAt, textAt, textsAt, wholeAt } from '../../../brokers/options.ts'
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
  const options = objectAt(config, path)
  const [host] = backend.hosts
  return {
    queue: queueOptions(options, path),
    keys: textsAt(options, 'routing_key', path),
    prefetchSize: wholeAt(options, 'prefetch_size', path),
    maxRetries: Math.max(0, wholeAt(options, 'max_retries', path)),
    backoffStrategy: textAt(options, 'backoff_strategy', path),
    url: brokerUrl(host, path.replace(/extra_config\..*$/, 'host')),
    library: amqpLibrary(path),
  }
}
