import { withoutUser } from '../pipe/host-user.ts'
import type { Found } from './discovery.ts'

/** Lists are compared several times a change. */
const known = new WeakMap<Found, string>()

/** What makes two instances the same one, in words. */
export function placeOf(instance: Found): string {
  let place = known.get(instance)
  if (place === undefined) {
    place = written(instance)
    known.set(instance, place)
  }
  return place
}

function written(instance: Found): string {
  const { url, scheme, host, port, basePath, isPinned, addresses } = instance
  if (url !== undefined) return withoutUser(url)
  const name = host.includes(':') ? `[${host}]` : host
  const pin = isPinned === true ? ` at ${addresses.join(', ')}` : ''
  return `${scheme === undefined ? '' : `${scheme}://`}${name}:${port}${basePath}${pin}`
}
