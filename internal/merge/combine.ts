import { GatewayError } from '../errors.ts'
import type { DataResponse, ProxyResponse } from '../pipe/pipe.ts'

/**
 * Two parts as one: on equal names the later wins, nothing deeper is merged. A part without data makes the
 * whole incomplete; status and headers of parts are dropped.
 */
export function combine(earlier: ProxyResponse | undefined, later: ProxyResponse): ProxyResponse {
  if (earlier === undefined) return later
  const before = dataOf(earlier)
  const after = dataOf(later)
  return {
    kind: 'data',
    data: { ...before, ...after },
    sources: [...sourcesOf(earlier), ...sourcesOf(later)],
    isComplete: earlier.isComplete && later.isComplete && before !== null && after !== null,
    status: 0,
    headers: [],
    errors: [...earlier.errors, ...later.errors],
  }
}

/** A stream is a part without keys: it is given up, and misses nothing. */
function dataOf(response: ProxyResponse): DataResponse['data'] {
  if (response.kind === 'data') return response.data
  response.body.destroy()
  return {}
}

const sourcesOf = (response: ProxyResponse): DataResponse['sources'] =>
  response.kind === 'data' ? response.sources : []

/** A partial answer: what arrived, marked as incomplete, with the failures of the rest. */
export function partial(response: ProxyResponse, errors: readonly GatewayError[]): ProxyResponse {
  return { ...response, isComplete: false, errors: [...response.errors, ...errors] }
}

/** All failures as one, without a status: a merge never surfaces an upstream's. */
export function mergeFailure(errors: readonly GatewayError[]): GatewayError {
  return new GatewayError('merge', {
    message: errors.map((error) => error.message).join('\n'),
    cause: errors,
  })
}
