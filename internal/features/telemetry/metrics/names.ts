import type { ServiceConfig } from '../../../config/types.ts'
import { routeOf, templateOf } from '../../../pipe/inner-names.ts'
import type { StatsConfig } from './config.ts'

/** A layer of the proxy and what it is called there. */
export type Layer = { readonly layer: 'pipe' | 'backend'; readonly name: string }

/** Everything that is counted whether or not it was asked for yet: two backends with one pattern are one. */
export function layersOf(service: ServiceConfig, config: StatsConfig): Layer[] {
  const pipes = service.endpoints.map(({ endpoint }) => routeOf(endpoint))
  const backends = service.endpoints.flatMap((endpoint) =>
    endpoint.backends.map(({ urlPattern }) => templateOf(urlPattern)),
  )
  const layers = (layer: Layer['layer'], names: readonly string[]) =>
    [...new Set(names)].map((name) => ({ layer, name }))
  return [
    ...(config.hasProxy ? layers('pipe', pipes) : []),
    ...(config.hasBackend ? layers('backend', backends) : []),
  ]
}
