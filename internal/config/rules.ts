import { isIP } from 'node:net'
import type { Duration, EndpointDocument, RootDocument } from './document.ts'
import { durationMs } from './duration.ts'
import { DECODERS, ENCODERS, encoderOf, NO_OP } from './encodings.ts'
import { ENDPOINT_METHODS, isSupportedMethod } from './methods.ts'
import { endpointParameters, isReserved, withSlash } from './paths.ts'
import { type Judged, type Path, shown } from './problem.ts'
import { judgeBackendHosts, judgeServiceHosts } from './rules-hosts.ts'
import { judgeBackendFilters, judgeParameters } from './rules-parameters.ts'
import { tlsFindings } from './rules-tls.ts'

const VERSION = 3
const MAX_PORT = 65_535

/** What KrakenD's own start checks, in its words, and what it lets pass although it cannot be meant. */
export function judge(root: RootDocument): Judged {
  const judged: Judged = { errors: [], warnings: [] }
  judgeService(root, judged)
  judgeTimes(root, judged)
  for (const [index, endpoint] of (root.endpoints ?? []).entries())
    judgeEndpoint(root, endpoint, index, judged)
  for (const [index, agent] of (root.async_agent ?? []).entries()) {
    for (const [at, backend] of (agent.backend ?? []).entries()) {
      judgeBackendHosts(root, backend, ['async_agent', index, 'backend', at], judged)
    }
  }
  tlsFindings(root, judged)
  return judged
}

function judgeService(root: RootDocument, judged: Judged): void {
  const { errors } = judged
  const version = root.version ?? 0
  if (version !== VERSION)
    errors.push({
      path: ['version'],
      message: `unsupported version: ${version} (want: ${VERSION})`,
    })
  const port = root.port ?? 0
  if (port < 0 || port > MAX_PORT) {
    errors.push({ path: ['port'], message: `invalid port ${port}`, allowed: `0 to ${MAX_PORT}` })
  }
  const address = root.listen_ip ?? ''
  if (address !== '' && isIP(address) === 0) {
    errors.push({
      path: ['listen_ip'],
      message: `invalid ip address ${address}`,
      allowed: 'an IPv4 or IPv6 address',
    })
  }
  judgeServiceHosts(root, judged)
}

/** A time below zero is over before it begins; Go takes it, and so does KrakenD. */
function judgeTimes(root: RootDocument, { warnings }: Judged): void {
  const judgeTime = (timeout: Duration | undefined, path: Path): void => {
    if (timeout === undefined || durationMs(timeout) >= 0) return
    warnings.push({
      path,
      message: 'a timeout below zero',
      found: shown(timeout),
      effect: 'every request fails at once',
    })
  }
  judgeTime(root.timeout, ['timeout'])
  for (const [at, { timeout }] of (root.endpoints ?? []).entries()) {
    if (timeout !== undefined) judgeTime(timeout, ['endpoints', at, 'timeout'])
  }
}

function judgeEndpoint(
  root: RootDocument,
  endpoint: EndpointDocument,
  index: number,
  judged: Judged,
): void {
  const path: Path = ['endpoints', index]
  const route = withSlash(endpoint.endpoint ?? '')
  const called = `'${endpoint.method ?? ''} ${route}'`
  const backends = endpoint.backend ?? []
  if (isReserved(route)) {
    judged.errors.push({
      path: [...path, 'endpoint'],
      message: `ignoring the ${called} endpoint, since it is invalid!!!`,
      allowed: 'paths outside /__health, /__debug and /__echo, with * only as last character',
    })
  }
  if (backends.length === 0) {
    judged.errors.push({
      path: [...path, 'backend'],
      message: `ignoring the ${called} endpoint, since it has 0 backends defined!`,
    })
  }
  judgeMethod(endpoint, route, path, judged)
  judgeEncodings(root, endpoint, path, judged)
  const parameters = endpointParameters(route, root.disable_rest ?? false)
  for (const [at, backend] of backends.entries()) {
    const backendPath = [...path, 'backend', at]
    judgeBackendHosts(root, backend, backendPath, judged)
    judgeParameters({ endpoint, route, parameters, backend, at, path: backendPath }, judged)
    judgeBackendFilters(backend, backendPath, judged)
  }
}

function judgeMethod(
  endpoint: EndpointDocument,
  route: string,
  path: Path,
  { warnings }: Judged,
): void {
  const method = (endpoint.method || 'GET').toUpperCase()
  if (isSupportedMethod(method)) return
  warnings.push({
    path: [...path, 'method'],
    message: `Unsupported method ${endpoint.method}`,
    allowed: ENDPOINT_METHODS.join(', '),
    effect: `the endpoint ${route} is not served`,
    isSevere: true,
  })
}

function judgeEncodings(
  root: RootDocument,
  endpoint: EndpointDocument,
  path: Path,
  judged: Judged,
): void {
  const backends = endpoint.backend ?? []
  const encoding = endpoint.output_encoding || root.output_encoding || 'json'
  if (encoding === NO_OP && backends.length > 1) {
    judged.errors.push({
      path: [...path, endpoint.output_encoding ? 'output_encoding' : 'backend'],
      message:
        'can not use NoOp encoding with more than one backends connected to the same endpoint',
    })
  }
  if (endpoint.output_encoding && !ENCODERS.includes(encoding)) {
    judged.warnings.push({
      path: [...path, 'output_encoding'],
      message: `unknown output_encoding ${shown(encoding)}`,
      allowed: ENCODERS.join(', '),
      effect: `answers are encoded as ${encoderOf(encoding, backends)}`,
    })
  }
  for (const [at, backend] of backends.entries()) {
    if (!backend.encoding || DECODERS.includes(backend.encoding.toLowerCase())) continue
    judged.warnings.push({
      path: [...path, 'backend', at, 'encoding'],
      message: `unknown encoding ${shown(backend.encoding)}`,
      allowed: DECODERS.join(', '),
      effect: 'answers are decoded as json',
    })
  }
}
