import { capitalised } from './params.ts'

/** KrakenD's inner forms of paths, which its logs, metrics and messages show. */
const PLACEHOLDER = /\{([\w\-.:/]+)\}/g

/** `/users/{id}` as its router writes it: `/users/:id`. */
export const routeOf = (endpoint: string): string => endpoint.replace(PLACEHOLDER, ':$1')

/** `/u/{id}` as its backends have it: `/u/{{.Id}}`. */
export const templateOf = (urlPattern: string): string =>
  urlPattern.replace(PLACEHOLDER, (_all, name: string) => `{{.${capitalised(name)}}}`)

/** What log lines about an endpoint begin with. */
export const endpointLogName = ({ endpoint }: { readonly endpoint: string }): string =>
  `[ENDPOINT: ${routeOf(endpoint)}]`

/** What log lines about a backend begin with. */
export const backendLogName = ({ urlPattern }: { readonly urlPattern: string }): string =>
  `[BACKEND: ${templateOf(urlPattern)}]`
