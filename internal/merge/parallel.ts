import { type GatewayError, toGatewayError } from '../errors.ts'
import type { Merger, ProxyResponse } from '../pipe/pipe.ts'
import { combine, mergeFailure, partial } from './combine.ts'

/** KrakenD leaves the rest of the time for what stands around a merge. */
export const MERGE_SHARE = 0.85

/** All branches at once, merged in the order in which they arrive; what is late or failed is left out. */
export const parallel: Merger = (branches) =>
  function mergeParallel(request, deadline) {
    const inner = deadline.sooner(MERGE_SHARE)
    return new Promise<ProxyResponse>((resolve, reject) => {
      let pending = branches.length
      let merged: ProxyResponse | undefined
      const errors: GatewayError[] = []
      const settle = () => {
        if (--pending > 0) return
        inner.finish()
        if (merged === undefined) reject(mergeFailure(errors))
        else resolve(errors.length === 0 ? merged : partial(merged, errors))
      }
      const take = (part: ProxyResponse) => {
        merged = combine(merged, part)
        settle()
      }
      const fail = (thrown: unknown) => {
        errors.push(toGatewayError(thrown))
        settle()
      }
      for (const branch of branches) branch(request, inner).then(take, fail)
    })
  }
