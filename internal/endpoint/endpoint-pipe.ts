import { backendPipe } from '../backend/backend-pipe.ts'
import { buildAll, buildAt } from '../build-all.ts'
import type { BackendConfig, EndpointConfig } from '../config/types.ts'
import { namespace } from '../config/types.ts'
import type { Subscription } from '../discovery/discovery.ts'
import { ConfigError } from '../errors.ts'
import { decoratorsFor, type EndpointPlace, type Scope } from '../features/feature.ts'
import { endpointFeatures, endpointGuards } from '../features/table.ts'
import { parallel } from '../merge/parallel.ts'
import { sequential } from '../merge/sequential.ts'
import { type BodyHolder, holdBody } from '../pipe/hold-body.ts'
import { compose, type Decorator, type JsonValue, type Pipe } from '../pipe/pipe.ts'
import { flatmapFor } from '../shape/flatmap.ts'
import { bytesSuffice } from './reads-data.ts'
import { isShadow, shadowGroup, shadowTraffic } from './shadow.ts'

export type EndpointOptions = {
  readonly subscriptionOf: (backend: BackendConfig) => Subscription
}

/** Encodings that print numbers as they came. */
const PRINTS_NUMBERS = new Set(['xml', 'yaml', 'negotiate', 'string'])

/** Expressions that see numbers as the text they came as (Go's `json.Number`). */
const readsNumbers = ({ extraConfig, backends }: EndpointConfig): boolean =>
  [extraConfig, ...backends.map((backend) => backend.extraConfig)].some((each) =>
    JSON.stringify(each['validation/cel'] ?? '').includes('resp_data'),
  )

/** The proxy part of an endpoint: guards on what goes in and out, shadow traffic, and the merge of its backends. */
export function endpointPipe(place: EndpointPlace, scope: Scope, options: EndpointOptions): Pipe {
  const { endpoint } = place
  const visible = endpoint.backends.filter((backend) => !isShadow(backend))
  const mergeOf = (backends: readonly BackendConfig[]) => merged(backends, place, scope, options)
  const [guards, shadowing, merge] = buildAll(
    () => decoratorsFor(endpointGuards, endpoint.extraConfig, place, scope),
    () => shadowDecorators(endpoint, scope.holder, mergeOf),
    () => (visible.length === 0 ? nobody(endpoint) : mergeOf(visible)),
  )
  return compose<Pipe>([...guards, ...shadowing], merge)
}

function nobody({ index }: EndpointConfig): never {
  throw new ConfigError('all backends are shadow backends: nobody would answer', {
    path: `endpoints[${index}].backend`,
  })
}

function shadowDecorators(
  { backends, index, timeoutMs }: EndpointConfig,
  holder: BodyHolder,
  mergeOf: (backends: readonly BackendConfig[]) => Pipe,
): Decorator<Pipe>[] {
  const shadows = buildAt(`endpoints[${index}]`, () => shadowGroup(backends))
  if (shadows === undefined) return []
  const pipe = mergeOf(shadows.backends)
  return [shadowTraffic({ pipe, timeoutMs: shadows.timeoutMs ?? timeoutMs, holder })]
}

/** What turns a request into one answer: features inside the shadow split, then one backend or the merge of many. */
function merged(
  backends: readonly BackendConfig[],
  place: EndpointPlace,
  scope: Scope,
  options: EndpointOptions,
): Pipe {
  const { endpoint } = place
  const proxy = namespace(endpoint.extraConfig, 'proxy') ?? {}
  const isSequential = proxy['sequential'] === true && backends.length > 1
  const exactSpelling =
    isSequential || PRINTS_NUMBERS.has(endpoint.outputEncoding) || readsNumbers(endpoint)
  const branchOf = (backend: BackendConfig): Pipe =>
    backendPipe({ ...place, backend }, scope, {
      subscription: options.subscriptionOf(backend),
      exactSpelling,
      bytesSuffice: bytesSuffice(endpoint),
    })
  const at = `endpoints[${endpoint.index}].extra_config.proxy`
  const [branches, features, flatmaps] = buildAll(
    () => buildAll(...backends.map((backend) => () => branchOf(backend))),
    () => decoratorsFor(endpointFeatures, endpoint.extraConfig, place, scope),
    () => buildAt(at, () => flatmapDecorators(proxy['flatmap_filter'])),
  )
  const [only] = branches
  if (branches.length === 1 && only !== undefined) {
    const reads = endpoint.concurrentCalls > 1 ? [holdBody(scope.holder)] : []
    return compose([...features, ...reads], only)
  }
  const merge = isSequential
    ? sequential(
        branches,
        sequentialNames(backends, proxy['sequential_propagated_params']),
        scope.maxDecodeBytes,
      )
    : parallel(branches)
  return compose<Pipe>([...features, ...flatmaps, holdBody(scope.holder)], merge)
}

/** Parameters that later backends take from earlier answers: `resp0_id`, `resp1_user.name`. */
function sequentialNames(backends: readonly BackendConfig[], propagated: unknown): string[] {
  const inPatterns = backends.flatMap((backend) =>
    [...backend.urlPattern.matchAll(/\{(resp\d+_[\w\-.:/]+)\}/gi)].map(
      ([, name]) => name as string,
    ),
  )
  const listed = Array.isArray(propagated)
    ? propagated.filter((name) => typeof name === 'string')
    : []
  return [...new Set([...inPatterns, ...listed])]
}

/** The endpoint's own `flatmap_filter`: on merged answers only, and, as in KrakenD, not on partial ones. */
function flatmapDecorators(config: JsonValue | undefined): Decorator<Pipe>[] {
  const flatmap = flatmapFor(config)
  if (flatmap === undefined) return []
  return [
    (next) =>
      async function flatmapMerged(request, deadline) {
        const response = await next(request, deadline)
        if (response.kind === 'stream' || response.data === null || response.errors.length > 0)
          return response
        return { ...response, data: flatmap(response.data), sources: [] }
      },
  ]
}
