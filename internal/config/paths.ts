/** Parameters of an endpoint: whole segments, or anywhere with `disable_rest`. */
const SEGMENT_PARAMETER = /\/\{([a-zA-Z\-_0-9]+)\}/g
const ANY_PARAMETER = /\{([\w\-.:/]+)\}/g
/** What an upstream path may name beyond the endpoint's own parameters: earlier answers and token claims. */
const LATE_PARAMETER = /^(resp\d+_.+)?(JWT\.([\w\-.:/]+))?$/
/** Paths no endpoint may have: the gateway's own, and a `*` that is not last. */
const RESERVED = /^[^/]|\*.|\/__(debug|echo|health)(\/.*)?$/

/** The path with exactly one slash added when it has none in front. */
export function withSlash(path: string): string {
  return path.startsWith('/') ? path : `/${path}`
}

/** Names of an endpoint's parameters, in order. */
export function endpointParameters(endpoint: string, disableRest: boolean): string[] {
  if (!endpoint.includes('{')) return []
  return [...endpoint.matchAll(disableRest ? ANY_PARAMETER : SEGMENT_PARAMETER)].map(
    (match) => match[1] ?? '',
  )
}

/** Names that an upstream path wants filled in, sorted, each once. */
export function urlParameters(urlPattern: string): string[] {
  if (!urlPattern.includes('{')) return []
  return [...new Set([...urlPattern.matchAll(ANY_PARAMETER)].map((match) => match[1] ?? ''))].sort()
}

export function isLateParameter(name: string): boolean {
  return LATE_PARAMETER.test(name)
}

export function isReserved(endpoint: string): boolean {
  return RESERVED.test(endpoint)
}

/** `/users/:id` for `/users/{id}`: how KrakenD's messages write a route. */
export function routeForm(endpoint: string, parameters: readonly string[]): string {
  return parameters.reduce((path, name) => path.replaceAll(`{${name}}`, `:${name}`), endpoint)
}
