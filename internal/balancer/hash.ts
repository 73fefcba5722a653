import type { Ring, Snapshot } from '../discovery/discovery.ts'
import { ConfigError } from '../errors.ts'
import { headerValue, headerValues } from '../pipe/headers.ts'
import { capitalised } from '../pipe/params.ts'
import type { ProxyRequest } from '../pipe/pipe.ts'
import type { Balancer, BalancerScope } from './balancer.ts'
import { hashRing, ringHost } from './hash-ring.ts'
import { random as anyHost } from './random.ts'

/** What of a request chooses its host; `undefined` when the request has no such thing. */
type KeyOf = (request: ProxyRequest) => string | undefined

/**
 * Requests with the same key go to the same host, and stay there when other hosts come and go. A request without
 * the key goes anywhere.
 */
export function hash({ key, random }: Pick<BalancerScope, 'key' | 'random'>): Balancer {
  const keyOf = keyReader(key)
  const otherwise = anyHost({ random })
  const rings = new WeakMap<Snapshot, Ring>()
  const ringOf = (snapshot: Snapshot): Ring => {
    const known = snapshot.rings?.[0] ?? rings.get(snapshot)
    if (known !== undefined) return known
    const ring = hashRing(snapshot)
    rings.set(snapshot, ring)
    return ring
  }

  function hash(snapshot: Snapshot, request: ProxyRequest): number {
    const value = keyOf(request)
    if (value === undefined || value === '' || snapshot.slots.length === 0)
      return otherwise(snapshot, request)
    return ringHost(ringOf(snapshot), value, snapshot.serving)
  }
  return Object.assign(hash, { prepare: (snapshot: Snapshot) => void ringOf(snapshot) })
}

/** Reads a key such as `header:X-Tenant`. Throws a `ConfigError` for what is none. */
function keyReader(key: string): KeyOf {
  const [, kind, name = ''] = /^(header|cookie|param):(.+)$/.exec(key) ?? []
  if (kind === 'header') {
    const lower = name.toLowerCase()
    return ({ headers }) => headerValue(headers, lower)
  }
  if (kind === 'cookie') return ({ headers }) => cookie(headerValues(headers, 'cookie'), name)
  if (kind === 'param') {
    const param = capitalised(name)
    return ({ params }) => (Object.hasOwn(params, param) ? params[param] : undefined)
  }
  // What the router found out by its trusted proxies.
  if (key === 'client') return ({ headers }) => headerValue(headers, 'x-forwarded-for')
  throw new ConfigError([
    {
      place: { path: 'extra_config."backend/discovery".balancer.key' },
      message: 'cannot be used',
      found: JSON.stringify(key),
      allowed: 'header:<name>, cookie:<name>, param:<name> or client',
    },
  ])
}

function cookie(lines: readonly string[], name: string): string | undefined {
  for (const line of lines)
    for (const pair of line.split(';')) {
      const at = pair.indexOf('=')
      if (at > 0 && pair.slice(0, at).trim() === name) return pair.slice(at + 1).trim()
    }
  return undefined
}
