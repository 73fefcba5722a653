import { parseJson } from '../../../decode/json.ts'
import { canonicalHeader } from '../../../pipe/headers.ts'
import type { JsonObject, JsonValue, ProxyRequest } from '../../../pipe/pipe.ts'
import { valuesByName } from '../../../pipe/values-by-name.ts'

/** What templates know of a request, under the names of KrakenD's Enterprise edition; without its body. */
export function requestData({ headers, params, query, path }: ProxyRequest): JsonObject {
  return {
    req_headers: valuesByName(headers, canonicalHeader),
    req_params: { ...params },
    req_querystring: valuesByName(query, (name) => name),
    req_path: path.replace(/\?.*$/s, ''),
  }
}

const parse = parseJson({ exactSpelling: false })

/** A body as templates see it: its JSON value, its text when it is none, nothing when it is empty. */
export function bodyData(bytes: Buffer | undefined): JsonValue {
  if (bytes === undefined || bytes.length === 0) return null
  try {
    const { value, exact } = parse(bytes)
    if (exact !== undefined) return value
  } catch {
    // No JSON: a template may want it all the same.
  }
  return bytes.toString()
}
