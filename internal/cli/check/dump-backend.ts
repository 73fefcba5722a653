import type { BackendDocument } from '../../config/document.ts'
import { urlParameters, withSlash } from '../../config/paths.ts'
import { canonicalHeader } from '../../pipe/headers.ts'
import { componentLines } from './dump-components.ts'
import { goDuration, goList, goMap } from './go-values.ts'
import type { Paint } from './paint.ts'
import { type ServiceView, shownHost } from './service-view.ts'

/** A backend with what it takes from its endpoint or agent. */
export type BackendView = {
  readonly backend: BackendDocument
  readonly method: string
  readonly urlPattern: string
  readonly timeoutMs: number
  readonly hosts: readonly string[]
  readonly calls: number
  readonly encoding: string
  readonly sdScheme: string
  readonly headers: readonly string[]
}

export function backendOfEndpoint(
  backend: BackendDocument,
  endpoint: {
    readonly method: string
    readonly timeoutMs: number
    readonly calls: number
    readonly isNoOp: boolean
    readonly service: ServiceView
  },
): BackendView {
  return {
    backend,
    method: backend.method || endpoint.method,
    urlPattern: templateForm(withSlash(backend.url_pattern ?? '')),
    timeoutMs: endpoint.timeoutMs,
    hosts: hostsOf(backend, endpoint.service),
    calls: endpoint.calls,
    encoding: endpoint.isNoOp ? 'no-op' : (backend.encoding ?? ''),
    sdScheme: backend.sd_scheme || 'http',
    headers: (backend.input_headers ?? []).map(canonicalHeader),
  }
}

/** Agents leave paths, headers and schemes as they are written. */
export function backendOfAgent(
  backend: BackendDocument,
  timeoutMs: number,
  service: ServiceView,
): BackendView {
  return {
    backend,
    method: backend.method || 'GET',
    urlPattern: backend.url_pattern ?? '',
    timeoutMs,
    hosts: hostsOf(backend, service),
    calls: 0,
    encoding: backend.encoding ?? '',
    sdScheme: backend.sd_scheme ?? '',
    headers: backend.input_headers ?? [],
  }
}

export function backendLines(view: BackendView, paint: Paint): string[] {
  const indent = paint.indent + paint.indent
  const { extra_config: components = {} } = view.backend
  const count = Object.keys(components).length
  const lines = [
    `[+] ${paint.methodColour(view.method, view.urlPattern)}`,
    `Timeout: ${goDuration(view.timeoutMs)}`,
    `Hosts: ${goList(view.hosts)}`,
    ...(paint.level > 1 ? detailLines(view) : []),
  ]
  if (paint.level > 1 || count > 0) {
    lines.push(paint.colour('green', `${count} backend component configuration(s):`))
  }
  return [...lines.map((line) => indent + line), ...componentLines(components, indent, paint), '']
}

function detailLines({ backend, ...view }: BackendView): string[] {
  return [
    `Concurrent calls: ${view.calls}`,
    `Host sanitization disabled: ${backend.disable_host_sanitize ?? false}`,
    `Target: ${backend.target ?? ''}`,
    `Deny: ${goList(backend.deny)}, Allow: ${goList(backend.allow)}`,
    `Mapping: ${goMap(backend.mapping)}`,
    `Group: ${backend.group ?? ''}`,
    `Encoding: ${view.encoding}`,
    `Is collection: ${backend.is_collection ?? false}`,
    `SD: ${backend.sd ?? ''}`,
    `SD scheme: ${view.sdScheme}`,
    `Headers to pass: ${goList(view.headers)}`,
    `Query strings to pass: ${goList(backend.input_query_strings)}`,
  ]
}

function hostsOf(backend: BackendDocument, service: ServiceView): readonly string[] {
  const { host = [], disable_host_sanitize: isAsWritten = false } = backend
  if (host.length === 0) return service.hosts
  return isAsWritten ? host : host.map(shownHost)
}

/** `/u/{{.Id}}` for `/u/{id}`. */
function templateForm(urlPattern: string): string {
  return urlParameters(urlPattern).reduce((path, name) => {
    const key = name.charAt(0).toUpperCase() + name.slice(1)
    return path.replaceAll(`{${name}}`, () => `{{.${key}}}`)
  }, urlPattern)
}
