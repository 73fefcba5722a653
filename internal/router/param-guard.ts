import { BadEscape, decodeAgain } from '../pipe/percent.ts'
import type { Params, Reply } from '../pipe/pipe.ts'

/** Characters that a decoded parameter may hold only as an attempt to change the upstream's path. */
const SUSPECT = /[%?#]/
const HEADERS = Object.freeze(['Content-Type', 'text/plain; charset=utf-8'])

/**
 * Refuses parameters that are still encoded after decoding, or hold a `?` or `#`: 400, as KrakenD's guard
 * does unless `disable_path_decoding` is set. `undefined` lets the request pass.
 */
export function refuseEncodedParams(params: Params): Reply | undefined {
  for (const name in params) {
    const value = params[name] as string
    if (!SUSPECT.test(value)) continue
    const decoded = decodeAgain(value)
    if (decoded instanceof BadEscape) return refusal(`invalid URL escape ${quote(decoded.text)}`)
    if (decoded !== value || /[?#]/.test(decoded)) return refusal('encoded url params')
  }
  return undefined
}

const refusal = (reason: string): Reply => ({
  status: 400,
  headers: HEADERS,
  body: `error: ${reason}`,
})

/** As Go's `%q` prints a short text. */
const quote = (text: string): string => JSON.stringify(text)
