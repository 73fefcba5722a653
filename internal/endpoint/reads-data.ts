import type { BackendConfig, EndpointConfig } from '../config/types.ts'

/** Namespaces that never look into an answer's data. One that is missing here costs a scan for long numbers, no more. */
const NEVER_READS = new Set([
  'auth/api-keys',
  'auth/client-credentials',
  'auth/validator',
  'backend/discovery',
  'backend/http',
  'backend/http/client',
  'backend/retry',
  'documentation/openapi',
  'modifier/lua-endpoint',
  'qos/circuit-breaker',
  'qos/http-cache',
  'qos/ratelimit/proxy',
  'qos/ratelimit/router',
  'security/bot-detector',
  'security/ip-filter',
  'telemetry/opentelemetry',
  'validation/json-schema',
])
/** Whether the encoding sends an answer's own bytes when nobody changed it. */
const sendsBytes = (outputEncoding: string, { encoding, isCollection }: BackendConfig): boolean =>
  outputEncoding === 'json' ||
  (outputEncoding === 'json-collection' && encoding === 'json' && isCollection)

/** Whether the answers of an endpoint can go out as the bytes they came as: one backend, and nobody looks inside. */
export function bytesSuffice({ backends, outputEncoding, extraConfig }: EndpointConfig): boolean {
  const [backend, ...others] = backends
  if (backend === undefined || others.length > 0 || !sendsBytes(outputEncoding, backend))
    return false
  return [extraConfig, backend.extraConfig].every((config) =>
    Object.keys(config).every((name) => NEVER_READS.has(name)),
  )
}
