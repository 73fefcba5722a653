import { backendLogName } from '../../pipe/inner-names.ts'
import { type BackendFeature, pathOf } from '../feature.ts'
import { aroundPipe } from './lua/around-pipe.ts'

const NAMESPACE = 'modifier/lua-backend'

/** `modifier/lua-backend`: `pre` before one upstream call, `post` on its part of the answer. */
export const luaBackend: BackendFeature = {
  namespace: NAMESPACE,
  prepare: (config, place, scope) =>
    aroundPipe(
      config,
      {
        path: pathOf(NAMESPACE, place),
        prefix: `${backendLogName(place.backend)}[Lua]`,
        backends: [place.backend],
        passesBodies: place.endpoint.outputEncoding === 'no-op',
      },
      scope,
    ),
}
