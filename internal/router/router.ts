import { ConfigError, type ConfigProblem, type Place } from '../errors.ts'
import { BadEscape, decodePercent, isPlain } from '../pipe/percent.ts'
import type { Params } from '../pipe/pipe.ts'
import { cleanPath } from './clean-path.ts'
import { contestedRoutes } from './contested.ts'
import { fixedPath } from './fixed-path.ts'
import { type Pattern, parsePattern } from './pattern.ts'
import { type RadixNode, radixTree } from './radix-tree.ts'
import { compileRoutes, type Match, matchRoute } from './route-match.ts'
import { addRoute, emptyNode, type Leaf, type RouteNode } from './route-tree.ts'
import { ginWalk, type WalkEnd } from './trailing-slash.ts'

/** A method and an endpoint's path (`/users/{id}`, `/files/*`) that lead to `value`. */
export type Route<T> = {
  readonly method: string
  readonly endpoint: string
  readonly value: T
  /** Where it was configured, for messages. */
  readonly place?: Place
}

/** The part of `RouterConfig` and `ServiceConfig` that decides which route a request takes. */
export type RouterOptions = {
  readonly disableRest: boolean
  readonly redirectTrailingSlash: boolean
  readonly redirectFixedPath: boolean
  readonly handleMethodNotAllowed: boolean
  readonly removeExtraSlash: boolean
}

/** What a request's path leads to. Only `route` carries a value. */
export type Found<T> =
  | { readonly kind: 'route'; readonly value: T; readonly params: Params }
  /** The request means `path` (decoded): another slash at the end, or a cleaner spelling. */
  | { readonly kind: 'redirect'; readonly path: string; readonly isTrailingSlash: boolean }
  /** `allow` lists the methods that have the path, in the order in which each was first registered. */
  | { readonly kind: 'method-not-allowed'; readonly allow: string }
  | { readonly kind: 'not-found' }
  /** Not a path, or a broken percent-escape in it: 400. */
  | { readonly kind: 'bad-path' }

/** Finds the route of a request: `path` as received, percent-encoded and without its query. */
export type Router<T> = { find(method: string, path: string): Found<T> }

/** The routes of one method while they are added: the paths without placeholders, and a tree of all. */
type Registered<T> = {
  readonly fixed: Map<string, Found<T>>
  readonly root: RouteNode<T>
  /** As gin writes them, in their order. */
  readonly texts: string[]
}
/** All routes of one method, ready for look-ups. */
type MethodRoutes<T> = Pick<Registered<T>, 'fixed' | 'texts'> & {
  readonly tree: Match<T>
  readonly contested: ReadonlySet<Leaf<T>>
  /** Built for the first request that leads nowhere. */
  radix?: RadixNode
}

/** The target of a request that means no path (RFC 9112, 3.2.4). */
export const WHOLE_SERVER = '*'

const NO_PARAMS: Params = Object.freeze({})
const NOT_FOUND = Object.freeze({ kind: 'not-found' })
const BAD_PATH = Object.freeze({ kind: 'bad-path' })

/**
 * Builds the table of `routes`, registered in their order. A look-up decodes the path first (`%2F` separates
 * segments), prefers static segments to placeholders, and redirects like gin. Throws one `ConfigError` with
 * every conflict.
 */
export function buildRouter<T>(routes: readonly Route<T>[], options: RouterOptions): Router<T> {
  const methods = registerAll(routes, options)
  const values: string[] = []

  function match(routesOfMethod: MethodRoutes<T>, path: string): Leaf<T> | undefined {
    values.length = 0
    return matchRoute(routesOfMethod.tree, path, 1, values)
  }

  function find(method: string, path: string): Found<T> {
    const own = methods.get(method)
    const hit = own?.fixed.get(path)
    if (hit !== undefined) return hit
    const decoded = isPlain(path) ? path : decodePercent(path)
    if (decoded instanceof BadEscape) return BAD_PATH
    if (!decoded.startsWith('/')) return path === WHOLE_SERVER ? NOT_FOUND : BAD_PATH
    const wanted = options.removeExtraSlash ? cleanPath(decoded) : decoded
    if (own !== undefined) {
      const leaf = match(own, wanted)
      if (leaf !== undefined) {
        const params = paramsOf(leaf.pattern, values)
        const astray = own.contested.has(leaf) ? astrayFrom(own, decoded, wanted) : undefined
        return astray ?? { kind: 'route', value: leaf.value, params }
      }
      const redirect =
        wanted === '/' || method === 'CONNECT' ? undefined : redirectFor(own, decoded, wanted)
      if (redirect !== undefined) return redirect
    }
    return (options.handleMethodNotAllowed ? otherMethods(method, wanted) : undefined) ?? NOT_FOUND
  }

  /** Where gin sends a request whose route its walk does not come to; not in circles, and not where nothing is. */
  function astrayFrom(own: MethodRoutes<T>, decoded: string, wanted: string): Found<T> | undefined {
    if (walkEnd(own, wanted) === 'route') return undefined
    const redirect = redirectFor(own, decoded, wanted)
    return redirect !== undefined && isServed(own, cleanPath(redirect.path)) ? redirect : undefined
  }

  function redirectFor(
    own: MethodRoutes<T>,
    decoded: string,
    wanted: string,
  ): Extract<Found<T>, { kind: 'redirect' }> | undefined {
    if (options.redirectTrailingSlash && walkEnd(own, wanted) === 'other slash')
      return { kind: 'redirect', path: toggleSlash(decoded), isTrailingSlash: true }
    if (!options.redirectFixedPath) return undefined
    const path = fixedPath(radixOf(own), cleanPath(decoded))
    return path === undefined ? undefined : { kind: 'redirect', path, isTrailingSlash: false }
  }

  function otherMethods(method: string, wanted: string): Found<T> | undefined {
    const allowed: string[] = []
    for (const [other, routesOfOther] of methods)
      if (other !== method && isServed(routesOfOther, wanted)) allowed.push(other)
    return allowed.length === 0
      ? undefined
      : { kind: 'method-not-allowed', allow: allowed.join(', ') }
  }

  function isServed(routesOfMethod: MethodRoutes<T>, path: string): boolean {
    const leaf = match(routesOfMethod, path)
    if (leaf === undefined) return false
    return !routesOfMethod.contested.has(leaf) || walkEnd(routesOfMethod, path) === 'route'
  }

  return { find }
}

const radixOf = <T>(own: MethodRoutes<T>): RadixNode => {
  own.radix ??= radixTree(own.texts)
  return own.radix
}
const walkEnd = <T>(own: MethodRoutes<T>, path: string): WalkEnd => ginWalk(radixOf(own), path)

const toggleSlash = (path: string): string => (path.endsWith('/') ? path.slice(0, -1) : `${path}/`)

function paramsOf({ names }: Pattern, values: readonly string[]): Params {
  if (names.length === 0) return NO_PARAMS
  const params: Record<string, string> = {}
  for (let at = 0; at < names.length; at++) params[names[at] as string] = values[at] as string
  return params
}

function registerAll<T>(
  routes: readonly Route<T>[],
  options: RouterOptions,
): Map<string, MethodRoutes<T>> {
  const methods = new Map<string, Registered<T>>()
  const problems: ConfigProblem[] = []
  for (const route of routes) {
    let own = methods.get(route.method)
    if (own === undefined) {
      own = { fixed: new Map(), root: emptyNode(), texts: [] }
      methods.set(route.method, own)
    }
    try {
      register(own, route, options)
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error
      problems.push(...error.problems)
    }
  }
  if (problems.length > 0) throw new ConfigError(problems)
  return new Map(
    [...methods].map(([method, { fixed, texts, root }]) => [
      method,
      { fixed, texts, tree: compileRoutes(root), contested: contestedRoutes(root) },
    ]),
  )
}

function register<T>(own: Registered<T>, route: Route<T>, options: RouterOptions): void {
  const { endpoint, value, place = {} } = route
  const pattern = parsePattern(endpoint, options.disableRest, place)
  addRoute(own.root, { pattern, value, label: `${route.method} ${endpoint}`, place })
  own.texts.push(pattern.text)
  const isFixed =
    pattern.names.length === 0 && pattern.text === endpoint && !endpoint.includes('\\')
  // The map is asked with the path as received: only what means itself there may be in it.
  if (
    isFixed &&
    isPlain(endpoint) &&
    (!options.removeExtraSlash || cleanPath(endpoint) === endpoint)
  )
    own.fixed.set(endpoint, { kind: 'route', value, params: NO_PARAMS })
}
