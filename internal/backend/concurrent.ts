import { type GatewayError, toGatewayError } from '../errors.ts'
import type { Decorator, Pipe, ProxyResponse } from '../pipe/pipe.ts'

/** KrakenD gives the calls three quarters of the time. */
const SHARE = 0.75

/**
 * `concurrent_calls`: the same call several times at once. The first complete answer wins and ends the others;
 * without one, the last incomplete answer or else the last failure stands.
 */
export function concurrentCalls(count: number): Decorator<Pipe> | undefined {
  if (count <= 1) return undefined
  return (next) =>
    function callConcurrently(request, deadline) {
      const inner = deadline.sooner(SHARE)
      return new Promise<ProxyResponse>((resolve, reject) => {
        let pending = count
        let incomplete: ProxyResponse | undefined
        let failure: GatewayError | undefined
        const settle = () => {
          if (--pending > 0) return
          inner.finish()
          if (incomplete !== undefined) resolve(incomplete)
          else reject(failure)
        }
        const take = (response: ProxyResponse) => {
          if (!response.isComplete) {
            incomplete = response
            return settle()
          }
          resolve(response)
          // A stream still flows inside this deadline: only the losers are ended then.
          if (response.kind === 'data') inner.cancel()
          return undefined
        }
        const fail = (thrown: unknown) => {
          failure = toGatewayError(thrown)
          settle()
        }
        for (let call = 0; call < count; call++) next(request, inner).then(take, fail)
      })
    }
}
