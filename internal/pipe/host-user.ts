import { BadEscape, decodeAgain } from './percent.ts'

/** What no user of a URL may hold: by it a pin is told from a user that the configuration names. */
const PIN = '|'

/** What stands before the host of an instance whose connections go to these addresses only; nobody sends it. */
export const pinOf = (addresses: readonly string[]): string =>
  `${PIN}${addresses.join('+').replaceAll(':', '-')}@`

/** Whether what stands before a host's `@` is a pin, not a user. */
export const isPin = (user: string): boolean => user.startsWith(PIN)

/** An upstream as it may be shown: neither user nor password, and no pin. */
export const withoutUser = (host: string): string =>
  host.includes('@') ? host.replace(USER, '$1') : host

/** A URL's user and password as a header's value: as Go's client sends them. */
export function basicAuthorization(user: string): string | BadEscape {
  const decoded = decodeAgain(user)
  if (decoded instanceof BadEscape) return decoded
  const pair = decoded.includes(':') ? decoded : `${decoded}:`
  return `Basic ${Buffer.from(pair).toString('base64')}`
}

const USER = /^([a-z][a-z0-9+.-]*:\/\/)?[^/?#]*@/i
