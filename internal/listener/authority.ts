import { isIPv6 } from 'node:net'

/** A percent-encoded byte of a user. */
const USER = /^(?:[\w.:~!$&'()*+,;=@-]|%[\da-f]{2})*$/i
/** Go lets hosts have more than RFC 3986 does, but percent-encode only what is not ASCII. */
const HOST = /^(?:[\w.~!$&'()*+,;=:\]<>"\x80-\xff-]|%[89a-f][\da-f])*$/i
const PORT = /^(?::\d*)?$/
/** An address in brackets, its zone, and what follows. */
const LITERAL = /^\[([^[\]%]*)(?:%25((?:[^[\]%\x00-\x20\x7f]|%[\da-f]{2})+))?\](.*)$/i

/** Whether Go's `net/url` takes this for the authority of a URL: a user and `@` where there is one, host, port. */
export function isAuthority(text: string): boolean {
  const at = text.lastIndexOf('@')
  return USER.test(text.slice(0, Math.max(at, 0))) && isHost(text.slice(at + 1))
}

function isHost(text: string): boolean {
  if (text.includes('[')) {
    const [, address = '', zone, port] = LITERAL.exec(text) ?? []
    return port !== undefined && PORT.test(port) && isIPv6(zone ? `${address}%${zone}` : address)
  }
  const colon = text.lastIndexOf(':')
  return HOST.test(text) && (colon < 0 || PORT.test(text.slice(colon)))
}
