import { packageMissing } from '../support/optional-package.ts'
import { serverOrSkip } from '../support/servers.ts'

/** RabbitMQ's ports, as its script has them. */
export const AMQP_PORT = 9280
const API = 'http://127.0.0.1:9281/api'
const AUTHORIZATION = `Basic ${Buffer.from('guest:guest').toString('base64')}`

export const rabbit = serverOrSkip('rabbitmq')
/** Why tests on the real broker are skipped. */
export const skipRabbit = packageMissing('amqplib') || rabbit.skip

export type RabbitMessage = {
  readonly payload: string
  readonly routing_key: string
  readonly redelivered: boolean
  readonly properties: Readonly<Record<string, unknown>> & {
    readonly headers?: Readonly<Record<string, unknown>>
  }
}

async function ask<T>(method: string, path: string, body?: unknown): Promise<T | undefined> {
  const reply = await fetch(`${API}${path}`, {
    method,
    headers: { authorization: AUTHORIZATION, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  const text = await reply.text()
  if (!reply.ok && reply.status !== 404)
    throw new Error(`${method} ${path}: ${reply.status} ${text}`)
  return reply.ok && text !== '' ? (JSON.parse(text) as T) : undefined
}

/** Puts a message on an exchange; `false` when no queue took it. */
export async function publish(
  exchange: string,
  key: string,
  payload: string,
  properties: object = {},
): Promise<boolean> {
  const reply = await ask<{ routed: boolean }>('POST', `/exchanges/%2f/${exchange}/publish`, {
    ...{ properties, routing_key: key, payload, payload_encoding: 'string' },
  })
  return reply?.routed === true
}

/** Takes messages out of a queue. */
export const take = async (queue: string, count = 10): Promise<RabbitMessage[]> =>
  (await ask<RabbitMessage[]>('POST', `/queues/%2f/${queue}/get`, {
    ...{ count, ackmode: 'ack_requeue_false', encoding: 'auto' },
  })) ?? []

export async function declareQueue(queue: string, exchange: string, key: string): Promise<void> {
  const flags = { durable: false, auto_delete: false }
  await ask('PUT', `/exchanges/%2f/${exchange}`, { type: 'topic', ...flags })
  await ask('PUT', `/queues/%2f/${queue}`, flags)
  await ask('POST', `/bindings/%2f/e/${exchange}/q/${queue}`, { routing_key: key })
}

export async function forget(queue: string, exchange: string): Promise<void> {
  await ask('DELETE', `/queues/%2f/${queue}`)
  await ask('DELETE', `/exchanges/%2f/${exchange}`)
}
