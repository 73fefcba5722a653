import { filtered, type Modifier, ofCall } from '../modifier.ts'
import type { Settings } from '../settings.ts'

const DEFAULT_PORTS: Readonly<Record<string, number>> = { http: 80, https: 443 }
const MAX_PORT = 65_535

/** A name or address, and its port where there is one. */
const AUTHORITY = /^(\[[^\]]*\]|[^:]*)(?::(\d*))?$/

/** Sends calls to another port of the same host; the `Host` header stays. */
export function portModifier(settings: Settings): Modifier {
  const port = settings.whole('port')
  const usesDefault = settings.flag('defaultForScheme')
  const removes = settings.flag('remove')
  if ([port !== 0, usesDefault, removes].filter(Boolean).length !== 1)
    throw settings.wrong('port', 'needs exactly one of port, defaultForScheme and remove')
  if (port < 0 || port > MAX_PORT) throw settings.wrong('port', 'no port', '1 to 65535')
  return {
    call(call) {
      const [, name = call.authority] = AUTHORITY.exec(call.authority) ?? []
      const wanted = usesDefault ? DEFAULT_PORTS[call.scheme] : port
      call.authority = removes || wanted === undefined ? name : `${name}:${wanted}`
    },
  }
}

/** Acts when calls go to this port. It has no `else`. */
export function portFilter(settings: Settings): Modifier {
  const port = settings.whole('port')
  const condition = ofCall((call) => {
    const [, , given = ''] = AUTHORITY.exec(call.authority) ?? []
    return (given === '' ? DEFAULT_PORTS[call.scheme] : Number(given)) === port
  })
  return filtered(condition, settings.modifier('modifier'), {})
}
