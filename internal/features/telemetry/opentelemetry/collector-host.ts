import { isIPv6 } from 'node:net'
import { type Options, unusable } from '../../../config/options.ts'

const DEFAULT_HOST = 'localhost'
/** What stands before the name, and a path after it, which no exporter reads. `dns:///` is gRPC's word for a name. */
const WRITTEN = /^(?:(https?):\/\/|dns:\/\/\/)?([^/]*)(?:\/.*)?$/is
const NAME = /^[\w.-]+$/

/** Scheme and host of a collector, without its port. Throws a `ConfigError` for what is neither a name nor an address. */
export function collectorHost(options: Options): string {
  const written = options.text('host') || DEFAULT_HOST
  const [, scheme = 'http', name = ''] = WRITTEN.exec(written) ?? []
  const address = name.replace(/^\[(.*)\]$/, '$1')
  const isV6 = isIPv6(address)
  const origin = `${scheme.toLowerCase()}://${isV6 ? `[${address}]` : name}`
  if ((isV6 || NAME.test(name)) && URL.canParse(origin)) return origin
  const allowed = 'such as "collector", "10.0.0.1" or "https://collector.test"; its port is "port"'
  // What stands before an @ is a password.
  if (written.includes('@')) throw options.wrong('host', 'is no host of a collector', allowed)
  throw unusable(written, options.path('host'), 'is no host of a collector', allowed)
}
