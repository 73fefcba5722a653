import type { Attributes } from '../request-note.ts'
import { writeAttributes } from './attributes.ts'
import { ProtoWriter } from './proto-writer.ts'

/** Who reports. */
export type Resource = {
  readonly serviceName: string
  readonly serviceVersion: string
  /** `''` without. */
  readonly deployEnv: string
}

/** The instrumentation's name, as KrakenD's: dashboards select by it. */
export const SCOPE_NAME = 'io.krakend.krakend-otel'
const SCHEMA_URL = 'https://opentelemetry.io/schemas/1.21.0'

export function resourceAttributes(resource: Resource): Attributes {
  const { serviceName, serviceVersion, deployEnv } = resource
  const environment = deployEnv === '' ? [] : ['deployment.environment', deployEnv]
  return ['service.name', serviceName, 'service.version', serviceVersion, ...environment]
}

/**
 * `ResourceSpans` or `ResourceMetrics` (they are laid out alike) in their request: the resource, one scope, and
 * `items`, which are that scope's spans or metrics, encoded as its field 2.
 */
export function exportRequest(resource: Resource, items: readonly Uint8Array[]): Buffer {
  const size = items.reduce((sum, { length }) => sum + length, 0)
  const writer = new ProtoWriter(size + 1024)
  const request = writer.open(1)
  const described = writer.open(1)
  writeAttributes(writer, 1, resourceAttributes(resource))
  writer.close(described)
  const scoped = writer.open(2)
  const scope = writer.open(1)
  writer.text(1, SCOPE_NAME)
  writer.close(scope)
  for (const item of items) writer.raw(item)
  writer.close(scoped)
  writer.text(3, SCHEMA_URL)
  writer.close(request)
  return writer.take()
}
