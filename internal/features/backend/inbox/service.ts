import type { Delivery, MessageSource } from '../../../brokers/inbox.ts'
import type { BackendConfig, ServiceConfig } from '../../../config/types.ts'
import type { JsonValue } from '../../../pipe/pipe.ts'
import { pathOf } from '../../feature.ts'
import type { MainScope, MainService } from '../../main-service.ts'
import { openConsumer } from '../amqp/consumer-source.ts'
import { openSubscriber } from '../pubsub/subscriber.ts'
import { asJson, INBOX_TOPIC, type InboxQuestion, type Verdict } from './topic.ts'

/** How a backend's messages come here, by the namespace that asks for them; the first that a backend has counts. */
const OPENERS: Readonly<
  Record<
    string,
    (config: JsonValue, backend: BackendConfig, path: string, scope: MainScope) => MessageSource
  >
> = {
  'backend/amqp/consumer': openConsumer,
  'backend/pubsub/subscriber': openSubscriber,
}

/** A thread that took a message and said nothing for so long is gone. */
const SETTLE_LIMIT_MS = 30_000

/**
 * Backends that take messages have one consumer per process, in the main thread: with one per request thread, a message
 * that came to one could not answer a request that waits in another.
 */
export const inboxService: MainService = {
  topic: INBOX_TOPIC,
  start(scope) {
    const sources = openSources(scope)
    if (sources.size === 0) return undefined
    const unsettled = unsettledMessages()
    return {
      async answer(question) {
        const asked = question as unknown as InboxQuestion
        if (asked.ask === 'settle') unsettled.settle(asked.tag, asked.verdict)
        else {
          const message = await sources.get(asked.id)?.take(asked.timeoutMs)
          if (message !== undefined)
            return asJson({ tag: unsettled.add(message), body: message.body.toString('latin1') })
        }
        return null
      },
      async close() {
        unsettled.giveBack()
        await Promise.all([...sources.values()].map((source) => source.close()))
      },
    }
  },
}

function openSources(scope: MainScope): Map<number, MessageSource> {
  const sources = new Map<number, MessageSource>()
  for (const { backend, pathOfNamespace } of backendsOf(scope.config)) {
    const namespace = Object.keys(OPENERS).find((name) => backend.extraConfig[name] !== undefined)
    const open = namespace === undefined ? undefined : OPENERS[namespace]
    if (namespace === undefined || open === undefined) continue
    const config = backend.extraConfig[namespace] ?? null
    sources.set(backend.id, open(config, backend, pathOfNamespace(namespace), scope))
  }
  return sources
}

function backendsOf(config: ServiceConfig) {
  const ofEndpoints = config.endpoints.flatMap((endpoint) =>
    endpoint.backends.map((backend) => ({
      backend,
      pathOfNamespace: (name: string) => pathOf(name, { endpoint, backend }),
    })),
  )
  const ofAgents = config.asyncAgents.flatMap(({ backends }, at) =>
    backends.map((backend) => ({
      backend,
      pathOfNamespace: (name: string) => `async_agent[${at}].${pathOf(name, { backend })}`,
    })),
  )
  return [...ofEndpoints, ...ofAgents]
}

/** Messages that threads have and will say something about. */
function unsettledMessages() {
  const messages = new Map<number, { delivery: Delivery; timer: NodeJS.Timeout }>()
  let lastTag = 0
  const settle = (tag: number, verdict: Verdict): void => {
    const message = messages.get(tag)
    if (message === undefined) return
    messages.delete(tag)
    clearTimeout(message.timer)
    if (verdict === 'ack') message.delivery.ack()
    else message.delivery.nack(verdict === 'requeue')
  }
  return {
    settle,
    add(delivery: Delivery): number {
      const tag = ++lastTag
      const timer = setTimeout(() => settle(tag, 'requeue'), SETTLE_LIMIT_MS)
      messages.set(tag, { delivery, timer })
      return tag
    },
    giveBack(): void {
      for (const tag of messages.keys()) settle(tag, 'requeue')
    },
  }
}
