import { parseJson } from '../../../decode/json.ts'
import { canonicalHeader } from '../../../pipe/headers.ts'
import type { JsonObject, JsonValue, ProxyRequest } from '../../../pipe/pipe.ts'

/** What templates know of a request, under the names of KrakenD's Enterprise edition; without its body. */
export function requestData({ headers, params, query, path }: ProxyRequest): JsonObject {
  return {
    req_headers: listsOf(headers, canonicalHeader),
    req_params: { ...params },
    req_querystring: listsOf(query, (name) => name),
    req_path: path.replace(/\?.*$/s, ''),
  }
}

/** Lists of values by name. */
export function listsOf(list: readonly string[], nameOf: (name: string) => string): JsonObject {
  const found = new Map<string, string[]>()
  for (let at = 0; at < list.length; at += 2) {
    const name = nameOf(list[at] as string)
    const values = found.get(name)
    if (values === undefined) found.set(name, [list[at + 1] as string])
    else values.push(list[at + 1] as string)
  }
  return Object.fromEntries(found)
}

const parse = parseJson({ exactSpelling: false })

/** A body as templates see it: its JSON value, its text when it is none, nothing when it is empty. */
export function bodyData(bytes: Buffer | undefined): JsonValue {
  if (bytes === undefined || bytes.length === 0) return null
  try {
    const { value, isExact } = parse(bytes)
    if (isExact) return value
  } catch {
    // No JSON: a template may want it all the same.
  }
  return bytes.toString()
}
