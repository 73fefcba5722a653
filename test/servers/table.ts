import { existsSync } from 'node:fs'
import { homedir } from 'node:os'
import path from 'node:path'

/** A real server (or tool) that tests use: how it is installed, and how to see that it is. */
export type ServerRow = {
  readonly name: string
  /** Beside this file; each knows `install`, `start` and `stop`. */
  readonly script: string
  readonly install: string
  /** Programs on the path, or files: absolute, or below the state folder. All of them must be there. */
  readonly needs: readonly string[]
  readonly from: 'Debian' | 'Go' | 'Maven' | 'npm'
  /** Further variables for its script. */
  readonly env?: Readonly<Record<string, string>>
}

/** In the order of installation: what is cheap and used most comes first. */
const ROWS = [
  row('tools', 'Debian', ['curl', 'jq', 'openssl', 'socat']),
  row('wrk', 'Debian', ['wrk']),
  row('nginx', 'Debian', ['nginx']),
  row('prometheus', 'Debian', ['prometheus', 'promtool']),
  row('influx', 'Debian', ['influxd', 'curl']),
  row('knot', 'Debian', ['knotd', 'knotc', 'dig']),
  row('unbound', 'Debian', ['unbound', 'unbound-control', 'dig']),
  row('redis', 'Debian', ['redis-server', 'redis-cli']),
  row('etcd', 'Debian', ['etcd']),
  row('nats', 'Debian', ['nats-server']),
  row('rabbitmq', 'Debian', ['/usr/lib/rabbitmq/bin/rabbitmq-server']),
  row('oidc', 'npm', ['bin/oidc-9.13.3/node_modules/oidc-provider/package.json']),
  row('zookeeper', 'Maven', [
    '/usr/share/java/zookeeper.jar',
    'bin/curator-5.7.1/local/Registrar.class',
  ]),
  row('nacos', 'Maven', ['socat', 'bin/nacos-3.1.0-bugfix/local/NacosMain.class']),
  row('kafka', 'Maven', ['bin/kafka-3.9.1/kafka_2.13-3.9.1.jar']),
  row('eureka', 'Maven', ['bin/eureka-3.5.16.jar']),
  {
    ...row('etcd-new', 'Go', ['bin/etcd-new']),
    script: 'etcd.sh',
    install: 'install-new',
    env: { ETCD: path.join(stateFolder(), 'bin/etcd-new') },
  },
  row('otel', 'Go', ['bin/otelcol']),
  row('coredns', 'Go', ['dig', 'bin/coredns']),
  row('consul', 'Go', ['bin/consul']),
  row('kube-apiserver', 'Go', ['etcd', 'bin/kube-apiserver']),
] as const

export type ServerName = (typeof ROWS)[number]['name']

export const servers: readonly ServerRow[] = ROWS

/** Where the scripts keep what they build (common.sh says the same). */
export function stateFolder(env: NodeJS.ProcessEnv = process.env): string {
  const cache = env['XDG_CACHE_HOME'] || path.join(homedir(), '.cache')
  return env['STATE_DIR'] || path.join(cache, 'gateway-test-servers')
}

/** What `row` lacks on this machine; empty when it is installed. */
export function missingOf(row: ServerRow): string[] {
  return row.needs.filter((need) => !isThere(need))
}

function isThere(need: string): boolean {
  if (path.isAbsolute(need)) return existsSync(need)
  if (need.includes('/')) return existsSync(path.join(stateFolder(), need))
  const folders = [...(process.env['PATH'] ?? '').split(path.delimiter), '/usr/sbin', '/sbin']
  return folders.some((folder) => existsSync(path.join(folder, need)))
}

function row<const Name extends string>(
  name: Name,
  from: ServerRow['from'],
  needs: readonly string[],
): ServerRow & { readonly name: Name } {
  return { name, script: `${name}.sh`, install: 'install', needs, from }
}
