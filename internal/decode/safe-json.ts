import type { Decode, DecodeOptions } from './decode.ts'
import { asObject, parseJson, sourcesOf } from './json.ts'

/** Takes any JSON value: an object as it is, a list under `collection`, anything else under `content`. */
export function safeJson(options: DecodeOptions): Decode {
  const parse = parseJson(options)
  // A lone value is written anew, so its bytes never suffice.
  const parseLone = parseJson({ ...options, bytesSuffice: false })
  return (bytes) => {
    const { value, exact } = parse(bytes)
    const object = asObject(value)
    if (object !== undefined) return { data: object, sources: sourcesOf(object, exact) }
    if (Array.isArray(value))
      return { data: { collection: value }, sources: sourcesOf(value, exact) }
    return { data: { content: parseLone(bytes).value }, sources: [] }
  }
}
