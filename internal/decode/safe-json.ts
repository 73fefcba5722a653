import type { Decode, DecodeOptions } from './decode.ts'
import { asObject, parseJson } from './json.ts'

/** Takes any JSON value: an object as it is, a list under `collection`, anything else under `content`. */
export function safeJson(options: DecodeOptions): Decode {
  const parse = parseJson(options)
  // A lone value is written anew, so its bytes never suffice.
  const parseLone = parseJson({ ...options, bytesSuffice: false })
  return (bytes) => {
    const { value, isExact } = parse(bytes)
    const object = asObject(value)
    if (object !== undefined)
      return { data: object, sources: isExact ? [{ value: object, bytes }] : [] }
    if (Array.isArray(value))
      return { data: { collection: value }, sources: isExact ? [{ value, bytes }] : [] }
    return { data: { content: parseLone(bytes).value }, sources: [] }
  }
}
