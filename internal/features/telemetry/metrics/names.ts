import type { ServiceConfig } from '../../../config/types.ts'
import { capitalised } from '../../../pipe/params.ts'
import { routeOf } from '../opentelemetry/route-names.ts'
import type { StatsConfig } from './config.ts'

/** A layer of the proxy and what it is called there. */
export type Layer = { readonly layer: 'pipe' | 'backend'; readonly name: string }

export const endpointName = routeOf

/** `/u/{id}` → `/u/{{.Id}}`: KrakenD's inner form. */
export const backendName = (urlPattern: string): string =>
  urlPattern.replace(/\{([\w\-.:/]+)\}/g, (_all, name: string) => `{{.${capitalised(name)}}}`)

/** Everything that is counted whether or not it was asked for yet: two backends with one pattern are one. */
export function layersOf(service: ServiceConfig, config: StatsConfig): Layer[] {
  const pipes = service.endpoints.map(({ endpoint }) => endpointName(endpoint))
  const backends = service.endpoints.flatMap((endpoint) =>
    endpoint.backends.map(({ urlPattern }) => backendName(urlPattern)),
  )
  const layers = (layer: Layer['layer'], names: readonly string[]) =>
    [...new Set(names)].map((name) => ({ layer, name }))
  return [
    ...(config.hasProxy ? layers('pipe', pipes) : []),
    ...(config.hasBackend ? layers('backend', backends) : []),
  ]
}
