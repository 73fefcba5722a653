import type { ServerResponse } from 'node:http'
import { type FakeRegistry, sendJson, startFakeRegistry } from './fake-registry.ts'

export type FakeSlice = { readonly [key: string]: unknown }
export type FakeKubernetes = FakeRegistry & {
  put(name: string, slice: FakeSlice, service?: string): void
  remove(name: string): void
  /** Ends the watches that run with the event for a version that is too old, and refuses such from now on. */
  expireVersions(): void
  bookmark(): void
  /** Resolves when somebody watches. */
  watched(): Promise<void>
  /** The next token that is right; the ones before are refused. */
  setToken(token: string): void
}
type Item = { metadata: { name: string; resourceVersion: string; labels: Record<string, string> } }

/** A slice with one endpoint a place, all at one port. */
export function slice(places: readonly string[], more: object = {}): FakeSlice {
  const [, port = '80'] = places[0]?.split(':') ?? []
  return {
    addressType: 'IPv4',
    endpoints: places.map((place) => ({
      addresses: [place.split(':')[0]],
      conditions: { ready: true },
    })),
    ports: [{ name: 'http', protocol: 'TCP', port: Number(port) }],
    ...more,
  }
}

/** List and watch of EndpointSlices, two to a page. */
export async function startFakeKubernetes(): Promise<FakeKubernetes> {
  const items = new Map<string, Item>()
  const history: { type: string; version: number; object: Item }[] = []
  const watchers = new Map<ServerResponse, string>()
  let version = 1
  let oldest = 0
  let token: string | undefined
  let someoneWatches = Promise.withResolvers<void>()

  const serviceOf = (item: Item) => item.metadata.labels['kubernetes.io/service-name']
  const line = (reply: ServerResponse, type: string, object: object) =>
    reply.write(`${JSON.stringify({ type, object })}\n`)
  const expired = {
    kind: 'Status',
    message: 'too old resource version',
    reason: 'Expired',
    code: 410,
  }

  function happened(type: string, object: Item) {
    history.push({ type, version, object })
    for (const [reply, service] of watchers)
      if (serviceOf(object) === service) line(reply, type, object)
  }

  const fake = await startFakeRegistry(({ query, headers, reply }) => {
    if (token !== undefined && headers.authorization !== `Bearer ${token}`)
      return sendJson(reply, { kind: 'Status', message: 'Unauthorized', code: 401 }, 401)
    const service = query.get('labelSelector')?.replace('kubernetes.io/service-name=', '') ?? ''
    if (query.get('watch') !== '1') {
      const all = [...items.values()].filter((item) => serviceOf(item) === service)
      const from = Number(query.get('continue') ?? 0)
      const more = from + 2 < all.length ? { continue: String(from + 2) } : {}
      const metadata = { resourceVersion: String(version), ...more }
      return sendJson(reply, {
        kind: 'EndpointSliceList',
        metadata,
        items: all.slice(from, from + 2),
      })
    }
    const from = Number(query.get('resourceVersion'))
    reply.writeHead(200, { 'content-type': 'application/json' })
    if (from < oldest) {
      line(reply, 'ERROR', expired)
      return void reply.end()
    }
    reply.flushHeaders()
    for (const { type, version: at, object } of history)
      if (at > from && serviceOf(object) === service) line(reply, type, object)
    watchers.set(reply, service)
    someoneWatches.resolve()
    reply.once('close', () => watchers.delete(reply))
  })
  return {
    ...fake,
    put(name, body, service = 'orders') {
      const metadata = {
        name,
        resourceVersion: String(++version),
        labels: { 'kubernetes.io/service-name': service },
      }
      const type = items.has(name) ? 'MODIFIED' : 'ADDED'
      const item = { ...body, metadata }
      items.set(name, item)
      happened(type, item)
    },
    remove(name) {
      const item = items.get(name)
      if (item === undefined) return
      items.delete(name)
      version++
      happened('DELETED', {
        ...item,
        metadata: { ...item.metadata, resourceVersion: String(version) },
      })
    },
    expireVersions() {
      oldest = version + 1
      version++
      for (const reply of watchers.keys()) {
        line(reply, 'ERROR', expired)
        reply.end()
      }
      watchers.clear()
      someoneWatches = Promise.withResolvers<void>()
    },
    bookmark() {
      version++
      const metadata = { resourceVersion: String(version) }
      for (const reply of watchers.keys())
        line(reply, 'BOOKMARK', { kind: 'EndpointSlice', metadata })
    },
    watched: () => someoneWatches.promise,
    setToken(next) {
      token = next
    },
  }
}
