import { endpointLogName } from '../../pipe/inner-names.ts'
import { type PipeFeature, pathOf } from '../feature.ts'
import { aroundPipe } from './lua/around-pipe.ts'

const NAMESPACE = 'modifier/lua-proxy'

/** `modifier/lua-proxy`: `pre` before the backends of an endpoint, `post` on their merged answer. */
export const luaProxy: PipeFeature = {
  namespace: NAMESPACE,
  prepare: (config, place, scope) =>
    aroundPipe(
      config,
      {
        path: pathOf(NAMESPACE, place),
        prefix: `${endpointLogName(place.endpoint)}[Lua]`,
        backends: place.endpoint.backends,
        passesBodies: place.endpoint.outputEncoding === 'no-op',
      },
      scope,
    ),
}
