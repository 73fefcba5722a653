import { STATUS_CODES } from '../../../node-http.ts'
import { attributeLabels } from '../../../telemetry/instruments.ts'
import type { Histogram, Meters } from '../../../telemetry/metrics.ts'
import { methodLabel } from '../../../telemetry/metrics.ts'
import type { EndpointNote } from '../../../telemetry/request-note.ts'
import type { GlobalLayer, StaticAttributes } from './config.ts'
import { record } from './record.ts'

type Cells = { readonly duration: Histogram; readonly size: Histogram }

const NAMES = {
  '': { duration: 'http_server_duration', size: 'http_server_response_size' },
  '1.27': {
    duration: 'http_server_request_duration_seconds',
    size: 'http_server_response_body_size_bytes',
  },
} as const

/** Counts replies of one route; without one, replies that no endpoint gave, under what they say. */
export function serverMeter(
  meters: Meters | undefined,
  layer: GlobalLayer,
  route: string | undefined,
  ownAttributes: StaticAttributes,
): EndpointNote['count'] {
  if (meters === undefined || !layer.hasMetrics) return () => {}
  const names = NAMES[layer.convention]
  const fixed = record([...layer.metricAttributes, ...ownAttributes])
  const byMethod = new Map<string, (Cells | undefined)[]>()
  const cellsOf = (method: string, status: number): Cells => {
    const labels = attributeLabels({
      ...fixed,
      'http.request.method': method,
      'url.scheme': 'http',
      'http.route': route ?? `${status} ${goStatusText(status)}`,
      'http.response.status_code': status,
    })
    return {
      duration: meters.histogram(names.duration, labels),
      size: meters.histogram(names.size, labels),
    }
  }
  return (method, status, bytes, tookMs) => {
    let byStatus = byMethod.get(method)
    if (byStatus === undefined) {
      // Methods that clients invent are one.
      const label = methodLabel(method)
      byStatus = byMethod.get(label) ?? []
      byMethod.set(label, byStatus)
    }
    let cells = byStatus[status]
    if (cells === undefined) {
      cells = cellsOf(methodLabel(method), status)
      byStatus[status] = cells
    }
    cells.duration.observe(tookMs / 1000)
    cells.size.observe(bytes)
  }
}

/** Where Go's words differ from Node's. */
const GO_WORDS: Readonly<Record<number, string>> = {
  413: 'Request Entity Too Large',
  414: 'Request URI Too Long',
  416: 'Requested Range Not Satisfiable',
  418: "I'm a teapot",
}
export const goStatusText = (status: number): string =>
  GO_WORDS[status] ?? STATUS_CODES[status] ?? ''
