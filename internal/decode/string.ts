import type { Decoded } from './decode.ts'

/** Takes the whole body as text: `{"content": "..."}`. */
export function string(bytes: Buffer): Decoded {
  return { data: { content: bytes.toString() }, sources: [] }
}
