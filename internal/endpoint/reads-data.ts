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
const sendsBytes = (outputEncoding: string, backend: BackendConfig): boolean =>
  outputEncoding === 'json' ||
  (outputEncoding === 'json-collection' &&
    backend.encoding === 'json' &&
    backend.isCollection &&
    backend.group === '')

/**
 * Whether the answers of an endpoint can go out as the bytes they came as: nobody looks inside, and where there are
 * several, each stands whole under a name.
 */
export function bytesSuffice({ backends, outputEncoding, extraConfig }: EndpointConfig): boolean {
  const isMerge = backends.length > 1
  return (
    [extraConfig, ...backends.map((backend) => backend.extraConfig)]
      .flatMap((config) => Object.keys(config))
      .every((name) => NEVER_READS.has(name)) &&
    backends.every(
      (backend) => sendsBytes(outputEncoding, backend) && !(isMerge && backend.group === ''),
    )
  )
}
