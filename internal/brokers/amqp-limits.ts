import { GatewayError } from '../errors.ts'

/** A short string of AMQP 0.9.1. */
const SHORT_BYTES = 255
/** Properties and headers must fit one frame, usually 128 KiB. */
const HEADERS_BYTES = 65_536

/** A request whose message a broker would refuse: it answers that by closing the channel, which others use as well. */
export const refused = (message: string): GatewayError =>
  new GatewayError('component', { message, status: 400 })

/** Text for a routing key, a property or the name of a header. */
export function short(text: string, what: string): string {
  if (Buffer.byteLength(text) <= SHORT_BYTES) return text
  throw refused(`the ${what} is longer than ${SHORT_BYTES} bytes`)
}

/** Headers that fit a message. */
export function fitting<Value extends string | readonly string[]>(
  headers: ReadonlyMap<string, Value>,
): Record<string, Value> {
  let bytes = 0
  for (const [name, value] of headers) {
    bytes += short(name, 'header name').length
    for (const text of typeof value === 'string' ? [value] : value) bytes += Buffer.byteLength(text)
  }
  if (bytes > HEADERS_BYTES) throw refused('the headers are too long for a message')
  return Object.fromEntries(headers)
}
