import { type AmqpLibrary, amqpLibrary } from '../../../brokers/amqp-library.ts'
import { brokerUrl } from '../../../brokers/amqp-queue.ts'
import { flagAt, objectAt, requiredAt, textAt, wholeAt } from '../../../brokers/options.ts'
import type { BackendConfig } from '../../../config/types.ts'
import type { JsonValue } from '../../../pipe/pipe.ts'

export type ProducerOptions = {
  readonly library: AmqpLibrary
  readonly url: string
  readonly exchange: string
  readonly durable: boolean
  readonly delete: boolean
  readonly exclusive: boolean
  readonly mandatory: boolean
  readonly immediate: boolean
  readonly routingKey: string
  readonly staticRoutingKey: boolean
  /** Names of parameters; '' for none. */
  readonly expirationKey: string
  readonly replyToKey: string
  readonly messageIdKey: string
  readonly priorityKey: string
  readonly maxRetries: number
  readonly backoffStrategy: string
}

/** @throws {ConfigError} with the place of what cannot work */
export function producerOptions(
  config: JsonValue,
  backend: BackendConfig,
  path: string,
): ProducerOptions {
  const options = objectAt(config, path)
  const flag = (key: string): boolean => flagAt(options, key, path)
  const text = (key: string): string => textAt(options, key, path)
  const [host] = backend.hosts
  return {
    exchange: requiredAt(options, 'exchange', path),
    durable: flag('durable'),
    delete: flag('delete'),
    exclusive: flag('exclusive'),
    mandatory: flag('mandatory'),
    immediate: flag('immediate'),
    routingKey: text('routing_key'),
    staticRoutingKey: flag('static_routing_key'),
    expirationKey: text('exp_key'),
    replyToKey: text('reply_to_key'),
    messageIdKey: text('msg_id_key'),
    priorityKey: text('priority_key'),
    maxRetries: Math.max(0, wholeAt(options, 'max_retries', path)),
    backoffStrategy: text('backoff_strategy'),
    url: brokerUrl(host, path.replace(/extra_config\..*$/, 'host')),
    library: amqpLibrary(path),
  }
}
