import { isUtf8 } from 'node:buffer'
import type { Decoded } from './decode.ts'
import { goText } from './go-text.ts'

/** Takes the whole body as text: `{"content": "..."}`; each byte that is no UTF-8 is a U+FFFD of its own. */
export function string(bytes: Buffer): Decoded {
  return { data: { content: isUtf8(bytes) ? bytes.toString() : goText(bytes) }, sources: [] }
}
