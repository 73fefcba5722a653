import { type BackendDocument, type EndpointDocument, objectIn } from './document.ts'
import { nearestName } from './nearest.ts'
import { isLateParameter, routeForm, urlParameters } from './paths.ts'
import type { Judged, Path } from './problem.ts'

/** On a backend `*` is a name like any other. */
export function judgeBackendFilters(
  backend: BackendDocument,
  path: Path,
  { warnings }: Judged,
): void {
  for (const key of ['input_headers', 'input_query_strings'] as const) {
    const at = backend[key]?.indexOf('*') ?? -1
    if (at < 0) continue
    warnings.push({
      path: [...path, key, at],
      message: '"*" is not special on a backend, only on an endpoint',
      effect: 'this upstream gets only what is literally called "*"',
    })
  }
}

type ParametersOf = {
  readonly endpoint: EndpointDocument
  readonly route: string
  readonly parameters: readonly string[]
  readonly backend: BackendDocument
  readonly at: number
  readonly path: Path
}

/** What the `/*` at an endpoint's end matched, as upstream paths name it. */
const REST = 'wildcard'

/** Whether everything an upstream path wants filled in exists. */
export function judgeParameters(
  { endpoint, route, parameters, backend, at, path }: ParametersOf,
  judged: Judged,
): void {
  const { errors } = judged
  const wanted = urlParameters(backend.url_pattern ?? '')
  if (wanted.length === 0) return
  const place = `endpoint: ${endpoint.method || 'GET'} ${routeForm(route, parameters)}, backend: ${at}`
  const rest = route.endsWith('/*') ? [REST] : []
  const known = [...new Set([...parameters, ...rest])].sort()
  const lists = `input: [${known.join(' ')}], output: [${wanted.join(' ')}]`
  for (const name of wanted) {
    if (known.includes(name)) continue
    if (isLateParameter(name)) {
      judgeLateParameter(name, { endpoint, at, path: [...path, 'url_pattern'] }, judged)
      continue
    }
    errors.push({
      path: [...path, 'url_pattern'],
      message: `undefined output param '${name}'! ${place}. ${lists}`,
      nearest: nearestName(name, known),
    })
  }
}

type Late = { readonly endpoint: EndpointDocument; readonly at: number; readonly path: Path }

/** Values of earlier answers and of tokens are there only in sequences and behind a validator. */
function judgeLateParameter(
  name: string,
  { endpoint, at, path }: Late,
  { warnings }: Judged,
): void {
  const extra = endpoint.extra_config
  const isClaim = name.startsWith('JWT.')
  const earlier = Number(/^resp(\d+)_/.exec(name)?.[1] ?? -1)
  const isThere = isClaim
    ? extra?.['auth/validator'] !== undefined
    : earlier < at && objectIn(extra, 'proxy')?.sequential === true
  if (isThere) return
  warnings.push({
    path,
    message: isClaim
      ? `{${name}} needs auth/validator on this endpoint`
      : `{${name}} needs proxy.sequential and an earlier backend ${earlier}`,
    effect: 'there is no value for it, so its calls fail',
  })
}
