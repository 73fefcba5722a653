import { isIP } from 'node:net'
import { type Answer, DiscoveryError, type Source, type SourceFactory } from '../../discovery.ts'
import { askAddresses, instanceAt } from './ask-addresses.ts'
import { askService } from './ask-service.ts'
import { type DnsOptions, readDnsOptions } from './dns-options.ts'
import { cleanName } from './message.ts'
import { candidates, type ResolvConf, readResolvConf } from './resolv-conf.ts'
import type { ResolverOptions } from './resolver.ts'
import { Samples } from './samples.ts'
import { ServerOrder } from './server-order.ts'
import { turnstile } from './turnstile.ts'

/** Questions under way at once: each has a socket of its own. */
const MOST_QUESTIONS = 64
const WITH_PORT = /^(.+):(\d{1,5})$/

/** SRV records (and addresses of `name:port`) from the name servers, asked over sockets of our own. */
export const dnsSource: SourceFactory = (written, scope) => {
  const options = readDnsOptions(written, scope.dnsServers)
  const samples = options.sample === undefined ? undefined : new Samples(options.sample)
  const own = {
    turnstile: turnstile(MOST_QUESTIONS),
    order: new ServerOrder(scope.now),
    random: scope.random,
    tiers: options.tiers,
  }

  return {
    periodMs: options.intervalMs,
    ttl: options.ttl,
    async ask(service, signal) {
      const conf = settings(await readResolvConf(), options)
      const answer = await ask(service, conf, { ...conf, ...own }, signal)
      return samples?.joined(service, answer, scope.now()) ?? answer
    },
  } satisfies Source
}

/** Own name servers are asked for a name as it stands first: `ndots` is about resolv.conf's. */
function settings(conf: ResolvConf, options: DnsOptions): ResolvConf {
  const { servers, timeoutMs, search, ndots } = options
  const hasOwn = servers.length > 0
  return {
    ...conf,
    servers: hasOwn ? servers : conf.servers,
    search: search ?? conf.search,
    ndots: ndots ?? (hasOwn && search === undefined ? 0 : conf.ndots),
    timeoutMs: timeoutMs ?? conf.timeoutMs,
  }
}

async function ask(
  service: string,
  conf: ResolvConf,
  resolver: ResolverOptions & { readonly tiers: boolean },
  signal: AbortSignal,
): Promise<Answer> {
  const [, host = service, port] = WITH_PORT.exec(service) ?? []
  const literal = host.replace(/^\[(.*)\]$/, '$1')
  if (port !== undefined && isIP(literal) !== 0)
    return { instances: [instanceAt(literal, Number(port), literal)], notes: ['an address'] }
  const names = candidates(host.toLowerCase(), conf).filter((name) => cleanName(name) !== undefined)
  if (names.length === 0 || (port !== undefined && !isPort(Number(port))))
    throw new DiscoveryError('not-found', `${JSON.stringify(service)} is no name to ask for`)
  return port === undefined
    ? askService(resolver, names, signal)
    : askAddresses(host, Number(port), resolver, names, signal)
}

const isPort = (port: number): boolean => port > 0 && port < 65_536
