import { namespace, type ServiceConfig } from '../../../config/types.ts'
import type { JsonObject, JsonValue } from '../../../pipe/pipe.ts'

export const NAMESPACE = 'telemetry/opencensus'

/** `telemetry/opencensus` as far as its Prometheus exporter goes. */
export type OpenCensusConfig = {
  readonly port: number
  /** Stands before every name; `''` without. */
  readonly prefix: string
  readonly tagsHost: boolean
  readonly tagsPath: boolean
  readonly tagsMethod: boolean
  readonly tagsStatus: boolean
  readonly hasRouter: boolean
  readonly hasBackend: boolean
}

/** The service's configuration; `undefined` without any, or without a Prometheus exporter. */
export function openCensusConfig(service: ServiceConfig): OpenCensusConfig | undefined {
  const config = namespace(service.extraConfig, NAMESPACE)
  const exporter = object(object(config?.['exporters'])?.['prometheus'])
  if (config === undefined || exporter === undefined) return undefined
  const layers = object(config['enabled_layers'])
  return {
    port: Number(exporter['port'] ?? 0),
    prefix: String(exporter['namespace'] ?? ''),
    tagsHost: exporter['tag_host'] === true,
    tagsPath: exporter['tag_path'] === true,
    tagsMethod: exporter['tag_method'] === true,
    tagsStatus: exporter['tag_statuscode'] === true,
    hasRouter: layers === undefined || layers['router'] === true,
    hasBackend: layers === undefined || layers['backend'] === true,
  }
}

const object = (value: JsonValue | undefined): JsonObject | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined
