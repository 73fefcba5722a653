import { type FakeRegistry, sendJson, startFakeRegistry } from './fake-registry.ts'

export type FakeConsul = FakeRegistry & {
  /** The entries of the health API, as JSON; wakes who waits. */
  set(service: string, entries: readonly object[]): void
  /** What the index is from now on: lower after a restart that lost everything. */
  setIndex(index: number): void
}

/** One entry of the health API. */
export function consulEntry(
  place: string,
  more: object = {},
  checks: readonly string[] = ['passing'],
) {
  const [Address = '', port] = place.split(':')
  return {
    Node: { Node: 'node', Address: '10.9.9.9', Meta: null },
    Service: {
      ID: place,
      Service: 'orders',
      Address,
      Port: Number(port),
      Meta: null,
      Tags: [],
      ...more,
    },
    Checks: checks.map((Status) => ({ Status })),
  }
}

/** Consul's health API with blocking queries. */
export async function startFakeConsul(token = ''): Promise<FakeConsul> {
  const services = new Map<string, readonly object[]>()
  const waiting = new Set<() => void>()
  let index = 10

  const fake = await startFakeRegistry(({ path, query, headers, reply }) => {
    if (token !== '' && headers['x-consul-token'] !== token)
      return void reply.writeHead(403).end('ACL not found')
    const service = decodeURIComponent(path.replace('/v1/health/service/', ''))
    const answer = () => {
      reply.setHeader('X-Consul-Index', String(index))
      sendJson(reply, services.get(service) ?? [])
    }
    if (Number(query.get('index') ?? 0) !== index) return answer()
    const wake = () => {
      clearTimeout(timer)
      waiting.delete(wake)
      if (!reply.destroyed) answer()
    }
    const timer = setTimeout(wake, Number.parseInt(query.get('wait') ?? '60000', 10))
    waiting.add(wake)
    reply.once('close', () => {
      clearTimeout(timer)
      waiting.delete(wake)
    })
  })
  return {
    ...fake,
    set(service, entries) {
      services.set(service, entries)
      index++
      for (const wake of [...waiting]) wake()
    },
    setIndex(next) {
      index = next
      for (const wake of [...waiting]) wake()
    },
  }
}
