import type { Options } from '../../config/options.ts'
import { linearPattern } from '../../pipe/linear-pattern.ts'

/**
 * Compiles `allowed_hosts`: names with their port, without regard to case, or
 * patterns that must match all of a host; none allows every host.
 */
export function allowedHosts(options: Options): (host: string) => boolean {
  const hosts = options.texts('allowed_hosts')
  if (hosts.length === 0) return () => true
  if (!options.flag('allowed_hosts_are_regex')) {
    const names = new Set(hosts.map((host) => host.toLowerCase()))
    return (host) => names.has(host.toLowerCase())
  }
  const patterns = hosts.map((source, index) => {
    const path = `${options.path('allowed_hosts')}[${index}]`
    linearPattern(source, path)
    return linearPattern(`^(?:${source})$`, path)
  })
  return (host) => patterns.some((matches) => matches(host))
}
