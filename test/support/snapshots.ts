import type { Found, Snapshot } from '../../internal/discovery/discovery.ts'
import { snapshot } from '../../internal/discovery/snapshot.ts'
import type { ProxyRequest } from '../../internal/pipe/pipe.ts'

/** A list of `node0`, `node1`, ..., each with what is said of it. */
export const listOf = (...parts: readonly Partial<Found>[]): Snapshot =>
  snapshot({
    name: 'orders',
    version: 1,
    scheme: 'http',
    found: parts.map((part, at) => ({
      host: `node${at}`,
      port: 80,
      addresses: [],
      basePath: '',
      weight: 1,
      zone: '',
      metadata: {},
      ...part,
    })),
  })

/** A request with nothing in it but what is said. */
export const requestWith = (parts: Partial<ProxyRequest> = {}): ProxyRequest => ({
  method: 'GET',
  host: '',
  path: '/',
  query: [],
  headers: [],
  params: {},
  body: undefined,
  ...parts,
})
