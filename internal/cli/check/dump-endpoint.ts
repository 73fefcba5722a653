import type { AsyncAgentDocument, EndpointDocument } from '../../config/document.ts'
import { endpointParameters, routeForm, withSlash } from '../../config/paths.ts'
import { canonicalHeader } from '../../pipe/headers.ts'
import type { JsonObject } from '../../pipe/pipe.ts'
import {
  type BackendView,
  backendLines,
  backendOfAgent,
  backendOfEndpoint,
} from './dump-backend.ts'
import { componentLines } from './dump-components.ts'
import { goDuration, goList } from './go-values.ts'
import type { Paint } from './paint.ts'
import { milliseconds, type ServiceView } from './service-view.ts'

const MIN_HEALTH_INTERVAL_MS = 1_000
const NO_OP = 'no-op'

/** An endpoint and its backends. */
export function endpointLines(
  endpoint: EndpointDocument,
  service: ServiceView,
  paint: Paint,
): string[] {
  const { root } = service
  const method = endpoint.method || 'GET'
  const timeoutMs = milliseconds(endpoint.timeout) || service.timeoutMs
  const cacheTtlMs = milliseconds(endpoint.cache_ttl) || milliseconds(root.cache_ttl)
  const calls = endpoint.concurrent_calls || 1
  const encoding = endpoint.output_encoding || root.output_encoding || 'json'
  const { input_query_strings: queryStrings = [], input_headers: headers = [] } = endpoint
  const lines = [`Timeout: ${goDuration(timeoutMs)}`]
  if (paint.level > 1 || queryStrings.length > 0) lines.push(`QueryString: ${goList(queryStrings)}`)
  if (paint.level > 1) {
    lines.push(
      `CacheTTL: ${goDuration(cacheTtlMs)}`,
      `Headers to pass: ${goList(headers.map(canonicalHeader))}`,
      `OutputEncoding: ${encoding}`,
    )
  }
  if (paint.level > 1 || calls > 1) lines.push(`Concurrent calls: ${calls}`)
  const inherited = { method, timeoutMs, calls, isNoOp: encoding === NO_OP, service }
  return [
    `${paint.indent}- ${paint.methodColour(method, routePath(endpoint.endpoint ?? '', service))}`,
    ...lines.map((line) => paint.indent + line),
    ...components('endpoint', endpoint.extra_config, paint),
    ...backends(
      (endpoint.backend ?? []).map((b) => backendOfEndpoint(b, inherited)),
      paint,
    ),
  ]
}

/** An async agent and its backends. */
export function agentLines(
  agent: AsyncAgentDocument,
  service: ServiceView,
  paint: Paint,
): string[] {
  const { consumer = {}, connection = {} } = agent
  const timeoutMs = milliseconds(consumer.timeout) || service.timeoutMs
  const healthMs = Math.max(milliseconds(connection.health_interval), MIN_HEALTH_INTERVAL_MS)
  const details = [
    `Encoding: ${agent.encoding ?? ''}`,
    `Consumer Timeout: ${goDuration(timeoutMs)}`,
    `Consumer Workers: ${Math.max(consumer.workers ?? 0, 1)}`,
    `Consumer Topic: ${consumer.topic ?? ''}`,
    `Consumer Max Rate: ${(consumer.max_rate ?? 0).toFixed(6)}`,
    `Connection Max Retries: ${connection.max_retries ?? 0}`,
    `Connection Backoff Strategy: ${connection.backoff_strategy ?? ''}`,
    `Connection Health Interval: ${goDuration(healthMs)}`,
  ]
  return [
    `${paint.indent}- ${paint.colour('cyan', agent.name ?? '')}`,
    ...(paint.level > 1 ? details.map((line) => paint.indent + line) : []),
    ...components('agent', agent.extra_config, paint),
    ...backends(
      (agent.backend ?? []).map((b) => backendOfAgent(b, timeoutMs, service)),
      paint,
    ),
  ]
}

/** `/users/:id` for `/users/{id}`. */
function routePath(endpoint: string, { root }: ServiceView): string {
  const path = withSlash(endpoint)
  return routeForm(path, endpointParameters(path, root.disable_rest ?? false))
}

function components(owner: string, extraConfig: JsonObject = {}, paint: Paint): string[] {
  const count = Object.keys(extraConfig).length
  if (count === 0 && paint.level < 2) return []
  const title = paint.colour('green', `${count} ${owner} component configuration(s):`)
  return [paint.indent + title, ...componentLines(extraConfig, paint.indent, paint)]
}

function backends(views: readonly BackendView[], paint: Paint): string[] {
  const title = paint.colour('green', `Connecting to ${views.length} backend(s):`)
  return [paint.indent + title, ...views.flatMap((view) => backendLines(view, paint))]
}
