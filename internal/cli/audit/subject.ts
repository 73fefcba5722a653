import type { ExtraConfig, ServiceConfig } from '../../config/types.ts'
import { type BackendConfig, type EndpointConfig, namespace } from '../../config/types.ts'
import type { ConfigProblem } from '../../errors.ts'
import type { JsonObject, JsonValue } from '../../pipe/pipe.ts'

/** What the rules look at: the configuration as it runs, and the document for what only it still says. */
export type Subject = {
  readonly config: ServiceConfig
  readonly document: JsonObject
  readonly warnings: readonly ConfigProblem[]
}

/** Somewhere with an `extra_config`. */
type Place = { readonly extraConfig: ExtraConfig }

export const has = ({ extraConfig }: Place, name: string): boolean => name in extraConfig

/** A namespace that counts only when it holds an object. */
export const part = ({ extraConfig }: Place, name: string): JsonObject | undefined =>
  namespace(extraConfig, name)

/** The names under `name` in a plugin namespace: one, or a list of them. */
export function pluginNames(place: Place, kind: string): readonly JsonValue[] {
  const named = part(place, kind)?.['name']
  return Array.isArray(named) ? named : named === undefined ? [] : [named]
}

export const anyEndpoint = (
  { config }: Subject,
  test: (endpoint: EndpointConfig) => boolean,
): boolean => config.endpoints.some(test)

export const anyBackend = (
  subject: Subject,
  test: (backend: BackendConfig, endpoint: EndpointConfig) => boolean,
): boolean => anyEndpoint(subject, (e) => e.backends.some((backend) => test(backend, e)))

/** Whether an endpoint or a backend has the namespace. */
export const belowService = (subject: Subject, name: string): boolean =>
  anyEndpoint(subject, (endpoint) => has(endpoint, name)) ||
  anyBackend(subject, (backend) => has(backend, name))

/** How many exporters of a kind in `telemetry/opentelemetry` are not switched off by `disable`. */
export function exporters({ config }: Subject, kind: string, disable: string): number {
  const all = part(config, 'telemetry/opentelemetry')?.['exporters']
  const some = isObject(all) ? all[kind] : undefined
  if (!Array.isArray(some)) return 0
  return some.filter((exporter) => isObject(exporter) && exporter[disable] !== true).length
}

export function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** OpenCensus counts as soon as it has somewhere to export to. */
export const usesOpencensus = ({ config }: Subject): boolean =>
  isObject(part(config, 'telemetry/opencensus')?.['exporters'])
