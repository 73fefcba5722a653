import type { MessageSource } from '../../../brokers/inbox.ts'
import { optionsOf } from '../../../config/options.ts'
import type { BackendConfig } from '../../../config/types.ts'
import type { JsonValue } from '../../../pipe/pipe.ts'
import { type BackendFeature, pathOf } from '../../feature.ts'
import type { MainScope } from '../../main-service.ts'
import { receiveMessage } from '../inbox/receive.ts'
import { driverOf } from './drivers.ts'

export const PUBSUB_SUBSCRIBER = 'backend/pubsub/subscriber'

/** `backend/pubsub/subscriber`: a backend's answer is the next message of a subscription. */
export const pubsubSubscriber: BackendFeature = {
  namespace: PUBSUB_SUBSCRIBER,
  prepare(config, place, scope) {
    const path = pathOf(PUBSUB_SUBSCRIBER, place)
    const { driver } = subscriptionOf(config, place.backend, path)
    const receive = receiveMessage(place, scope, driver.redelivers ? 'requeue' : 'discard')
    return () => receive
  },
}

const subscriptionOf = (config: JsonValue, { hosts }: BackendConfig, path: string) =>
  driverOf(hosts, optionsOf(config, path).required('subscription_url'), path)

/** The process's one subscription of a backend. */
export function openSubscriber(
  config: JsonValue,
  backend: BackendConfig,
  path: string,
  { log, now }: MainScope,
): MessageSource {
  const { driver, address } = subscriptionOf(config, backend, path)
  return driver.openSubscription(address, {
    ...{ path, env: process.env, random: Math.random, now },
    say: (text) => log.info(`[BACKEND: ${address.scheme}://${address.name}][PubSub] ${text}`),
  })
}
