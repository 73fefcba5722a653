import { GatewayError } from '../errors.ts'
import { basicAuthorization, isPin } from '../pipe/host-user.ts'
import { BadEscape } from '../pipe/percent.ts'
import { wirePath } from './build-path.ts'

/** A chosen host, taken apart: where to connect, what comes before the path, and `user:password@` as a header's value. */
export type UpstreamPlace = {
  readonly origin: string
  readonly basePath: string
  readonly authorization: string | undefined
}

/** Hosts met lately. Bounded: registries may name new ones for ever. */
const KNOWN_LIMIT = 10_000
const known = new Map<string, UpstreamPlace>()

/** `http://api:8080/v2` → `http://api:8080` and `/v2`. Throws where Go's client refuses the URL. */
export function upstreamPlace(host: string): UpstreamPlace {
  const found = known.get(host)
  if (found !== undefined) return found
  const place = parse(host)
  if (known.size >= KNOWN_LIMIT) known.clear()
  known.set(host, place)
  return place
}

function parse(host: string): UpstreamPlace {
  const [, scheme = '', authority = '', rest = ''] =
    /^(?:([a-z][a-z0-9+.-]*):\/\/)?([^/?#]*)(.*)$/i.exec(host) ?? []
  const lower = scheme.toLowerCase()
  if (lower !== 'http' && lower !== 'https')
    throw new GatewayError('bad-url', {
      message: `unsupported protocol scheme ${JSON.stringify(lower)}`,
    })
  const at = authority.lastIndexOf('@')
  const address = authority.slice(at + 1)
  if (address === '' || URL.parse(`${lower}://${address}`) === null)
    throw new GatewayError('bad-url', {
      message: `http: no Host in request URL: ${lower}://${address}${rest}`,
    })
  const user = authority.slice(0, Math.max(at, 0))
  const isPinned = isPin(user)
  return {
    // The client knows by the pin where its connections go.
    origin: `${lower}://${isPinned ? authority : address}`,
    basePath: rest === '' ? '' : wirePath(rest).replace(/\/$/, ''),
    authorization: at < 0 || isPinned ? undefined : basic(user),
  }
}

function basic(user: string): string {
  const authorization = basicAuthorization(user)
  if (authorization instanceof BadEscape)
    throw new GatewayError('bad-url', { message: 'net/url: invalid userinfo' })
  return authorization
}
