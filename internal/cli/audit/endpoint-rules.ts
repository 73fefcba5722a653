import type { BackendConfig } from '../../config/types.ts'
import { type Rule, rule } from './rule.ts'
import { anyEndpoint, has, part } from './subject.ts'

/** How endpoints and agents are written. */
export const ENDPOINT_RULES: readonly Rule[] = [
  rule(
    '5.1.1',
    'LOW',
    'Follow a RESTful endpoint structure for improved readability and maintainability.',
    (s) => s.config.disableRest,
  ),
  rule(
    '5.1.2',
    'LOW',
    'Disable the /__debug/ endpoint for added security.',
    (s) => s.config.debugEndpoint,
  ),
  rule(
    '5.1.3',
    'LOW',
    'Disable the /__echo/ endpoint for added security.',
    (s) => s.config.echoEndpoint,
  ),
  rule('5.1.4', 'LOW', 'Declare explicit endpoints instead of using wildcards.', (s) =>
    anyEndpoint(s, ({ endpoint }) => endpoint.endsWith('*')),
  ),
  rule('5.1.5', 'MEDIUM', 'Declare explicit endpoints instead of using /__catchall.', (s) =>
    anyEndpoint(s, ({ endpoint }) => endpoint === '/__catchall'),
  ),
  rule('5.1.6', 'MEDIUM', 'Avoid using multiple write methods in endpoint definitions.', (s) =>
    anyEndpoint(s, ({ backends }) => backends.filter(isUnsafe).length > 1),
  ),
  rule('5.1.7', 'MEDIUM', 'Avoid using sequential proxy.', (s) =>
    anyEndpoint(s, (endpoint) => part(endpoint, 'proxy')?.['sequential'] === true),
  ),
  rule(
    '5.2.1',
    'CRITICAL',
    'Ensure all endpoints have at least one backend for proper functionality.',
    (s) => anyEndpoint(s, ({ backends }) => backends.length === 0),
  ),
  rule(
    '5.2.2',
    'LOW',
    'Benefit from the backend for frontend pattern capabilities.',
    (s) => !anyEndpoint(s, ({ backends }) => backends.length > 1),
  ),
  rule(
    '5.2.3',
    'LOW',
    'Avoid coupling clients by overusing no-op encoding.',
    (s) => !anyEndpoint(s, ({ outputEncoding }) => outputEncoding !== 'no-op'),
  ),
  rule(
    '6.1.1',
    'LOW',
    'Ensure Async Agents do not start sequentially to avoid overloading the system (+10 agents).',
    (s) => s.config.sequentialStart && s.config.asyncAgents.length >= 10,
  ),
]

/** gRPC calls change things as far as anyone knows. */
function isUnsafe(backend: BackendConfig): boolean {
  return !['GET', 'HEAD'].includes(backend.method) || has(backend, 'backend/grpc')
}
