import { type AmqpLibrary, amqpLibrary } from '../../../brokers/amqp-library.ts'
import { brokerUrl } from '../../../brokers/amqp-queue.ts'
import { optionsOf } from '../../../config/options.ts'
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
  const options = optionsOf(config, path)
  const [host] = backend.hosts
  return {
    exchange: options.required('exchange'),
    durable: options.flag('durable'),
    delete: options.flag('delete'),
    exclusive: options.flag('exclusive'),
    mandatory: options.flag('mandatory'),
    immediate: options.flag('immediate'),
    routingKey: options.text('routing_key'),
    staticRoutingKey: options.flag('static_routing_key'),
    expirationKey: options.text('exp_key'),
    replyToKey: options.text('reply_to_key'),
    messageIdKey: options.text('msg_id_key'),
    priorityKey: options.text('priority_key'),
    maxRetries: Math.max(0, options.integer('max_retries')),
    backoffStrategy: options.text('backoff_strategy'),
    url: brokerUrl(host, path.replace(/extra_config\..*$/, 'host')),
    library: amqpLibrary(path),
  }
}
