import { smallFetch } from '../../../client/small-fetch.ts'
import type { BackendConfig, ServiceConfig } from '../../../config/types.ts'
import { pathOf } from '../../feature.ts'
import type { MainService } from '../../main-service.ts'
import { tokenRequest } from './token-request.ts'
import { TokenStore } from './token-store.ts'

/** The topic and the namespace. */
export const CLIENT_CREDENTIALS = 'auth/client-credentials'

/** Fetches tokens for upstreams: each backend has its own, whatever the number of threads. */
export const tokenService: MainService = {
  topic: CLIENT_CREDENTIALS,
  start({ config, now, secret }) {
    const client = smallFetch()
    const stores = new Map<number, TokenStore>()
    for (const { backend, path } of placesIn(config)) {
      const value = backend.extraConfig[CLIENT_CREDENTIALS]
      const request = value === undefined ? undefined : tokenRequest(value, path)
      if (request === undefined) continue
      if (request.clientSecret !== '') secret(request.clientSecret)
      stores.set(backend.id, new TokenStore(request, client, now))
    }
    if (stores.size === 0) return undefined
    return {
      async answer(backendId) {
        const store = stores.get(Number(backendId))
        if (store === undefined) throw new Error(`backend ${String(backendId)} has no credentials`)
        return await store.token()
      },
      close: () => client.close(),
    }
  },
}

function placesIn(config: ServiceConfig): { backend: BackendConfig; path: string }[] {
  const ofEndpoints = config.endpoints.flatMap((endpoint) =>
    endpoint.backends.map((backend) => ({
      backend,
      path: pathOf(CLIENT_CREDENTIALS, { service: config, endpoint, backend }),
    })),
  )
  const ofAgents = config.asyncAgents.flatMap(({ backends }, at) =>
    backends.map((backend) => ({
      backend,
      path: `async_agent[${at}].${pathOf(CLIENT_CREDENTIALS, { service: config, backend })}`,
    })),
  )
  return [...ofEndpoints, ...ofAgents]
}
