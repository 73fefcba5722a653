import { namespace } from '../../config/types.ts'
import { withoutHeader } from '../../pipe/headers.ts'
import { type BackendPlace, type CallFeature, pathOf } from '../feature.ts'
import { cached } from './http-cache/cached.ts'
import { krakendRules } from './http-cache/krakend-rules.ts'
import { cacheOptions, NAMESPACE } from './http-cache/options.ts'
import { remoteStore } from './http-cache/remote-store.ts'
import type { CacheRules } from './http-cache/rules.ts'
import { standardRules } from './http-cache/standard-rules.ts'

/**
 * `qos/http-cache`: answers of an upstream are kept in the main thread and used again as their headers allow, by
 * KrakenD's rules or with `rfc9111` by the standard's. What is kept is the answer as it came: it is judged, decoded
 * and shaped anew for each request.
 */
export const httpCache: CallFeature = {
  namespace: NAMESPACE,
  prepare(config, place, scope) {
    const path = pathOf(NAMESPACE, place)
    const { store, largestBytes, isStandard, lacksLimit } = cacheOptions(
      config,
      path,
      place.backend,
    )
    if (lacksLimit)
      scope.log.warning(`${path}: max_items and max_size only work together: neither limits this`)
    const options = {
      store: remoteStore(store, scope),
      rules: forSender(isStandard ? standardRules : krakendRules, place),
      largestBytes,
      now: scope.now,
    }
    return (send) => cached(send, options)
  },
}

/** A token of the gateway's own is the same for every client: it makes no answer personal. */
function forSender(rules: CacheRules, { backend }: BackendPlace): CacheRules {
  const own = namespace(backend.extraConfig, 'auth/client-credentials')
  if (own === undefined || own['is_disabled'] === true) return rules
  return {
    ...rules,
    mayStore: (asked, answered) =>
      rules.mayStore(
        { ...asked, headers: withoutHeader(asked.headers, 'authorization') },
        answered,
      ),
  }
}
