import { callFailure } from '../../client/call-error.ts'
import { GatewayError } from '../../errors.ts'
import { withHeader } from '../../pipe/headers.ts'
import { withinDeadline } from '../../pipe/within-deadline.ts'
import { type BackendFeature, pathOf } from '../feature.ts'
import { CLIENT_CREDENTIALS } from './client-credentials/service.ts'
import type { IssuedToken } from './client-credentials/token-reply.ts'
import { tokenRequest } from './client-credentials/token-request.ts'
import { isFresh } from './client-credentials/token-store.ts'

/**
 * `auth/client-credentials`: sends this upstream a token of the gateway's own (OAuth2 client credentials). The main
 * thread fetches it; without one the call fails. Over a redirect to another host it does not travel.
 */
export const clientCredentials: BackendFeature = {
  namespace: CLIENT_CREDENTIALS,
  prepare(config, place, scope) {
    if (tokenRequest(config, pathOf(CLIENT_CREDENTIALS, place)) === undefined) return undefined
    const { id } = place.backend
    let held: IssuedToken | undefined
    let asking: Promise<IssuedToken> | undefined
    const ask = (): Promise<IssuedToken> => {
      asking ??= scope
        .ask(CLIENT_CREDENTIALS, id)
        .then((answer) => {
          held = answer as IssuedToken
          return held
        })
        .finally(() => {
          asking = undefined
        })
      return asking
    }
    return (next) =>
      function authorize(request, deadline) {
        const send = ({ authorization }: IssuedToken) =>
          next(
            { ...request, headers: withHeader(request.headers, 'Authorization', authorization) },
            deadline,
          )
        if (held !== undefined && isFresh(held, scope.now())) return send(held)
        return withinDeadline(ask(), deadline).then(send, (error) => {
          if (error instanceof GatewayError) throw error
          const { method, host, path } = request
          const message = callFailure(error, { method, origin: host, path })
          throw new GatewayError('component', { message, cause: error })
        })
      }
  },
}
