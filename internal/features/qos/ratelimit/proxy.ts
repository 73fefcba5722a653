import { optionsOf, unusable } from '../../../config/options.ts'
import { GatewayError } from '../../../errors.ts'
import { LIMITED, tokenBucket, usualCapacity } from '../../../limits/token-bucket.ts'
import { type BackendFeature, pathOf } from '../../feature.ts'
import { everyMsIn, rateIn } from './rate-options.ts'

const NAMESPACE = 'qos/ratelimit/proxy'
const SECOND_MS = 1000

/**
 * `qos/ratelimit/proxy`: one backend entry is called `max_rate` times in `every`; a call beyond fails like one that
 * the upstream refused (500, or a part that is missing), and counts as a failure to the circuit breaker.
 */
export const proxyLimit: BackendFeature = {
  namespace: NAMESPACE,
  prepare(config, place, scope) {
    const options = optionsOf(config, pathOf(NAMESPACE, place))
    const everyMs = everyMsIn(options)
    if (everyMs <= 0)
      throw unusable(options.text('every'), options.path('every'), 'no time', 'a duration above 0')
    const perSecond = (rateIn(options, 'max_rate') * SECOND_MS) / everyMs
    const capacity = options.whole('capacity', 0) || usualCapacity(perSecond)
    if (perSecond === 0) return undefined
    const { endpoint, backend } = place
    const name = `${endpoint.method} ${endpoint.endpoint} ${backend.index} ${backend.id}`
    const { words, index } = scope.words.word(`limit backend ${name} ${perSecond} ${capacity}`)
    const bucket = tokenBucket({ perSecond, capacity })
    const { clock } = scope
    bucket.start(words, index, clock())
    return (next) =>
      function limitCalls(request, deadline) {
        return bucket.take(words, index, clock())
          ? next(request, deadline)
          : Promise.reject(new GatewayError('component', { message: LIMITED }))
      }
  },
}
