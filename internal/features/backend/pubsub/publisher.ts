import { optionsOf } from '../../../config/options.ts'
import { GatewayError } from '../../../errors.ts'
import type { HeaderList } from '../../../pipe/pipe.ts'
import { type BackendFeature, pathOf } from '../../feature.ts'
import { publishRequest } from '../publish-request.ts'
import { driverOf } from './drivers.ts'
import { PUBSUB_SUBSCRIBER } from './subscriber.ts'

const NAMESPACE = 'backend/pubsub/publisher'

/**
 * `backend/pubsub/publisher`: sends a request's body, with the first value of each header, to a topic, and answers
 * `null` when the broker has it. On a backend that also subscribes it does nothing, as in KrakenD.
 */
export const pubsubPublisher: BackendFeature = {
  namespace: NAMESPACE,
  prepare(config, place, scope) {
    const { backend } = place
    if (backend.extraConfig[PUBSUB_SUBSCRIBER] !== undefined) return undefined
    const path = pathOf(NAMESPACE, place)
    const rest = optionsOf(config, path).required('topic_url')
    const { driver, address } = driverOf(backend.hosts, rest, path)
    const topic = driver.openTopic(address, {
      ...{ path, env: process.env, random: scope.random, now: scope.now },
      say: (text) =>
        scope.log.info(`[BACKEND: ${address.scheme}://${address.name}][PubSub] ${text}`),
    })
    scope.onClose(() => topic.close())
    return publishRequest(scope, ({ headers }, body, deadline) =>
      topic.send({ body, metadata: metadataOf(headers) }, deadline),
    )
  },
}

/** Header values hold one byte in each character; brokers want UTF-8. */
function metadataOf(headers: HeaderList): Map<string, string> {
  const metadata = new Map<string, string>()
  for (let at = 0; at < headers.length; at += 2) {
    const name = headers[at] as string
    if (!metadata.has(name)) metadata.set(name, utf8(headers[at + 1] as string))
  }
  return metadata
}

function utf8(value: string): string {
  const text = Buffer.from(value, 'latin1').toString('utf8')
  if (!text.includes('\ufffd')) return text
  throw new GatewayError('component', { message: 'a header is not valid UTF-8', status: 400 })
}
