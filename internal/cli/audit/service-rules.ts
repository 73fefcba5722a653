import type { BackendConfig } from '../../config/types.ts'
import type { JsonValue } from '../../pipe/pipe.ts'
import { type Rule, rule } from './rule.ts'
import {
  anyBackend,
  anyEndpoint,
  has,
  isObject,
  part,
  pluginNames,
  type Subject,
} from './subject.ts'

/** Authentication and how the service is exposed. */
export const SERVICE_RULES: readonly Rule[] = [
  rule(
    '1.1.1',
    'HIGH',
    'Implement more secure alternatives than Basic Auth to protect your data.',
    (s) =>
      pluginNames(s.config, 'plugin/http-server').includes('basic-auth') ||
      has(s.config, 'auth/basic') ||
      anyEndpoint(s, (endpoint) => has(endpoint, 'auth/basic')),
  ),
  rule(
    '1.1.2',
    'MEDIUM',
    'Implement stateless authorization methods such as JWT to secure your endpoints as opposed to using API keys.',
    (s) => has(s.config, 'auth/api-keys'),
  ),
  rule(
    '1.2.1',
    'HIGH',
    'Prioritize using JWT for endpoint authorization to ensure security.',
    (s) => !anyEndpoint(s, (endpoint) => has(endpoint, 'auth/validator')),
  ),
  rule(
    '2.1.1',
    'HIGH',
    'Only allow secure connections (avoid insecure_connections).',
    (s) =>
      s.document['allow_insecure_connections'] === true || isInsecure(s.document['client_tls']),
  ),
  rule(
    '2.1.2',
    'HIGH',
    'Enable TLS or use a terminator in front of KrakenD.',
    (s) => s.config.tls === undefined,
  ),
  rule(
    '2.1.3',
    'CRITICAL',
    'TLS is configured but its disable flag prevents from using it.',
    (s) => s.config.tls?.disabled === true,
  ),
  rule(
    '2.1.7',
    'HIGH',
    'Enable HTTP security header checks (security/http).',
    (s) => !has(s.config, 'security/http'),
  ),
  rule(
    '2.1.8',
    'HIGH',
    'Avoid clear text communication (h2c).',
    (s) => s.config.useH2c || part(s.config, 'router')?.['use_h2c'] === true,
  ),
  rule(
    '2.1.9',
    'LOW',
    'Establish secure connections in internal traffic (avoid insecure_connections internally)',
    (s) =>
      anyBackend(s, (backend) => isInsecure(part(backend, 'backend/http/client')?.['client_tls'])),
  ),
  rule(
    '2.2.1',
    'MEDIUM',
    'Hide the version banner in runtime.',
    (s) => part(s.config, 'router')?.['hide_version_header'] !== true,
  ),
  rule('2.2.2', 'HIGH', 'Enable CORS.', (s) => !has(s.config, 'security/cors')),
  rule('2.2.3', 'HIGH', 'Avoid passing all input headers to the backend.', (s) =>
    anyEndpoint(s, ({ inputHeaders }) => inputHeaders.includes('*')),
  ),
  rule('2.2.4', 'HIGH', 'Avoid passing all input query strings to the backend.', (s) =>
    anyEndpoint(s, ({ inputQueryStrings }) => inputQueryStrings.includes('*')),
  ),
  rule('2.2.5', 'LOW', 'Avoid exposing gRPC server without services declared.', hasEmptyGrpcServer),
  rule('2.3.1', 'MEDIUM', 'Limit the amount of cacheable content.', (s) =>
    anyBackend(s, hasUnlimitedCache),
  ),
]

const isInsecure = (tls: JsonValue | undefined): boolean =>
  isObject(tls) && tls['allow_insecure_connections'] === true

function hasEmptyGrpcServer({ config }: Subject): boolean {
  const server = part(config, 'grpc')?.['server']
  if (!isObject(server)) return false
  const services = server['services']
  return !Array.isArray(services) || services.length === 0
}

function hasUnlimitedCache(backend: BackendConfig): boolean {
  if (!has(backend, 'qos/http-cache')) return false
  const cache = part(backend, 'qos/http-cache') ?? {}
  return !['max_items', 'max_size'].every((key) => Number(cache[key] ?? 0) > 0)
}
