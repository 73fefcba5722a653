import { decodePercent } from '../../../pipe/percent.ts'
import type { JsonObject, ProxyRequest, ProxyResponse } from '../../../pipe/pipe.ts'
import type { Bindings } from './expression.ts'
import { fromJson, headerMap, jsonMap, type Numbers, queryMap, textMap } from './maps.ts'
import type { Value } from './values.ts'

/** Now, as text. Read only by expressions that name it. */
export type Now = () => string

/** What expressions see of a request. */
export function requestBindings(request: ProxyRequest, now: Now): Bindings {
  return (name) => {
    switch (name) {
      case 'req_method':
        return request.method
      case 'req_path':
        return decoded(request.path)
      case 'req_params':
        return textMap(request.params)
      case 'req_headers':
        return headerMap(request.headers)
      case 'req_querystring':
        return queryMap(request.query)
      default:
        return name === 'now' ? now() : undefined
    }
  }
}

/** A path whose escapes cannot be decoded is compared as it came. */
function decoded(path: string): string {
  const text = decodePercent(path)
  return typeof text === 'string' ? text : path
}

/** How the numbers of each top-level value look. */
export type NumbersOf = (key: string, value: JsonObject[string]) => Numbers

/** What expressions see of a response. */
export function responseBindings(
  response: ProxyResponse,
  numbersOf: NumbersOf,
  now: Now,
): Bindings {
  return (name): Value | undefined => {
    switch (name) {
      case 'resp_completed':
        return response.isComplete
      case 'resp_metadata_status':
        return BigInt(response.status)
      case 'resp_metadata_headers':
        return headerMap(response.headers)
      case 'resp_data':
        return jsonMap(dataOf(response), (item, key) => fromJson(item, numbersOf(key, item)))
      default:
        return name === 'now' ? now() : undefined
    }
  }
}

const dataOf = (response: ProxyResponse): JsonObject =>
  response.kind === 'data' ? (response.data ?? {}) : {}

/** What expressions see of a token. */
export function tokenBindings(claims: JsonObject, now: Now): Bindings {
  return (name) => {
    if (name === 'JWT') return jsonMap(claims, (item) => fromJson(item, 'double'))
    return name === 'now' ? now() : undefined
  }
}
