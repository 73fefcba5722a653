import { type DnsRecord, DnsServer } from '../support/dns-server.ts'
import { storm } from './storm.ts'

const SERVICE = '_shop._tcp.test'
const PERIOD_S = 1

const recordsOf = (ports: readonly number[]): DnsRecord[] => [
  ...ports.map(
    (port): DnsRecord => ({
      type: 'SRV',
      name: SERVICE,
      ttl: PERIOD_S,
      data: { target: 'host.test', port, priority: 0, weight: 1 },
    }),
  ),
  { type: 'A', name: 'host.test', ttl: PERIOD_S, data: '127.0.0.1' },
]

storm({
  name: 'DNS',
  async open() {
    let server = await DnsServer.start([])
    const { port } = server
    return {
      extraConfig: { 'discovery/dns': { servers: [`127.0.0.1:${port}`] } },
      backend: { sd: 'dns', host: [SERVICE] },
      async put(ports) {
        server.records = recordsOf(ports)
      },
      kill: () => server.close(),
      async revive() {
        server = await DnsServer.start([], port)
      },
      [Symbol.asyncDispose]: () => server.close(),
    }
  },
})
