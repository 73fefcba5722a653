import type { ClientTlsDocument, RootDocument, ServerTlsDocument } from '../../config/document.ts'
import { componentLines } from './dump-components.ts'
import { agentLines, endpointLines } from './dump-endpoint.ts'
import { goDuration, goList } from './go-values.ts'
import type { Paint } from './paint.ts'
import { milliseconds, type ServiceView, serviceView } from './service-view.ts'

const DEFAULT_PORT = 8080
const DEFAULT_IDLE_PER_HOST = 250

/** How a decoded document is understood, as `check -d` prints it. Namespaces stand as they are written. */
export function dump(root: RootDocument, paint: Paint): string {
  const service = serviceView(root)
  const { endpoints = [], async_agent: agents = [] } = root
  const lines = [
    paint.colour('green', 'Global settings'),
    ...globalLines(service, paint).map((line) => paint.indent + line),
    ...globalComponents(root, paint),
    paint.colour('green', `${endpoints.length} API endpoint(s):`),
    ...endpoints.flatMap((endpoint) => endpointLines(endpoint, service, paint)),
    paint.colour('green', `${agents.length} async agent(s):`),
    ...agents.flatMap((agent) => agentLines(agent, service, paint)),
  ]
  return lines.map((line) => `${line}\n`).join('')
}

function globalLines(service: ServiceView, paint: Paint): string[] {
  const { root, hosts } = service
  const lines = [
    `Name: ${root.name ?? ''}`,
    `Version: ${root.version ?? 0}`,
    `Address: ${root.listen_ip ?? ''}`,
    `Port: ${root.port || DEFAULT_PORT}`,
  ]
  if (paint.level > 1) {
    lines.push(`Default cache TTL: ${goDuration(milliseconds(root.cache_ttl))}`)
    lines.push(`Default timeout: ${goDuration(service.timeoutMs)}`)
  }
  if (paint.level > 1 || hosts.length > 0) lines.push(`Default backend hosts: ${goList(hosts)}`)
  if (paint.level > 2) lines.push(...transportLines(root))
  lines.push(...tlsLines(root.tls, paint), ...clientTlsLines(root.client_tls, paint))
  if (root.plugin !== undefined) {
    lines.push(`Folder: ${root.plugin.folder ?? ''}`, `Pattern: ${root.plugin.pattern ?? ''}`)
  } else if (paint.level > 1) {
    lines.push(paint.colour('red', 'No Plugin section defined'))
  }
  return lines
}

function transportLines(root: RootDocument): string[] {
  const time = (duration: RootDocument['timeout']): string => goDuration(milliseconds(duration))
  const isOn = (value: boolean | undefined): string => String(value ?? false)
  return [
    `Read timeout: ${time(root.read_timeout)}`,
    `Write timeout: ${time(root.write_timeout)}`,
    `Idle timeout: ${time(root.idle_timeout)}`,
    `Read header timeout: ${time(root.read_header_timeout)}`,
    `Idle connection timeout: ${time(root.idle_connection_timeout)}`,
    `Response header timeout: ${time(root.response_header_timeout)}`,
    `Expect continue timeout: ${time(root.expect_continue_timeout)}`,
    `Dialer timeout: ${time(root.dialer_timeout)}`,
    `Dialer fallback delay: ${time(root.dialer_fallback_delay)}`,
    `Dialer keep alive: ${time(root.dialer_keep_alive)}`,
    `Disable keep alives: ${isOn(root.disable_keep_alives)}`,
    `Disable compression: ${isOn(root.disable_compression)}`,
    `Max idle connections: ${root.max_idle_connections ?? 0}`,
    `Max idle connections per host: ${root.max_idle_connections_per_host || DEFAULT_IDLE_PER_HOST}`,
    `Sequential start: ${isOn(root.sequential_start)}`,
    `Max header bytes: ${root.max_header_bytes ?? 0}`,
    `Echo endpoint enabled: ${isOn(root.echo_endpoint)}`,
    `Default encoding strategy: ${root.output_encoding ?? ''}`,
    `Disable strict REST: ${isOn(root.disable_rest)}`,
    `Run lura in debug mode: ${isOn(root.debug_endpoint)}`,
    `Allow insecure connections: ${isOn(root.allow_insecure_connections)}`,
    `UseH2C: ${isOn(root.use_h2c)}`,
  ]
}

function tlsLines(tls: ServerTlsDocument | undefined, paint: Paint): string[] {
  if (tls === undefined) {
    return paint.level > 1 ? [paint.colour('red', 'No TLS section defined')] : []
  }
  const lines = [
    `TLS Disabled: ${tls.disabled ?? false}`,
    `TLS Public key: ${tls.public_key ?? ''}`,
    `TLS Private key: ${tls.private_key ?? ''}`,
    `TLS Enable MTLS: ${tls.enable_mtls ?? false}`,
    `TLS Disable System CA Pool: ${tls.disable_system_ca_pool ?? false}`,
  ]
  if (paint.level > 1) lines.push(...versionLines('TLS', tls))
  if (paint.level > 2) {
    lines.push(
      `TLS Curve preferences: ${goList(tls.curve_preferences)}`,
      `TLS Prefer server cipher suites: ${tls.prefer_server_cipher_suites ?? false}`,
      `TLS Cipher suites: ${goList(tls.cipher_suites)}`,
    )
  }
  return lines
}

function clientTlsLines(tls: ClientTlsDocument | undefined, paint: Paint): string[] {
  if (tls === undefined) return []
  const lines = [
    `Client TLS Allow Insecure Connections: ${tls.allow_insecure_connections ?? false}`,
    `Client TLS Disable System CA Pool: ${tls.disable_system_ca_pool ?? false}`,
  ]
  if (paint.level > 1) lines.push(...versionLines('Client TLS', tls))
  if (paint.level > 2) {
    lines.push(
      `Client TLS Curve preferences: ${goList(tls.curve_preferences)}`,
      `Client TLS Cipher suites: ${goList(tls.cipher_suites)}`,
    )
  }
  return lines
}

const versionLines = (
  side: string,
  tls: { readonly min_version?: string; readonly max_version?: string },
): string[] => [
  `${side} Min version: ${tls.min_version ?? ''}`,
  `${side} Max version: ${tls.max_version ?? ''}`,
]

function globalComponents({ extra_config: components = {} }: RootDocument, paint: Paint): string[] {
  const count = Object.keys(components).length
  if (count === 0 && paint.level < 2) return []
  return [
    paint.colour('green', `${count} global component configuration(s):`),
    ...componentLines(components, '', paint),
  ]
}
