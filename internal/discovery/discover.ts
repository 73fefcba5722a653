import type { BackendConfig, EndpointConfig, ServiceConfig } from '../config/types.ts'
import { DEFAULT_CHOICE } from './choice.ts'
import { DiscoveryError, type Found, type Snapshot, type Wanted } from './discovery.ts'
import { chainOf, isFixed, type WantedLink } from './links.ts'
import type { Result } from './policy/link.ts'
import type { Outcome, PollState } from './poll.ts'
import { Pool, type PoolState } from './pool.ts'
import type { Registries } from './registries.ts'
import { snapshot } from './snapshot.ts'
import { wantedBy, wantedKey } from './wanted.ts'

/** What one source of a chain answered, before any rule. */
export type Asked = {
  readonly name: string
  readonly result: Result
  readonly message: string
  readonly tookMs: number
  readonly instances: readonly Found[]
}

/** One list of hosts, asked for once. */
export type Discovered = {
  /** Who wants it: `GET /users backend[0]`. */
  readonly backends: readonly string[]
  readonly wanted: Wanted
  readonly asked: readonly Asked[]
  readonly state: PoolState
  readonly current: Snapshot | undefined
}

/** How long a source has. */
const LIMIT_MS = 10_000

/** Asks every registry once for what the configuration's backends want, and applies their rules. */
export async function discoverAll(
  config: ServiceConfig,
  registries: Registries,
  isMeant: (backend: BackendConfig, endpoint: EndpointConfig) => boolean = () => true,
): Promise<Discovered[]> {
  const lists = new Map<string, { readonly wanted: Wanted; readonly backends: string[] }>()
  for (const endpoint of config.endpoints)
    for (const backend of endpoint.backends) {
      if (backend.sd === 'static' || !isMeant(backend, endpoint)) continue
      const wanted = wantedBy(backend, `endpoints[${endpoint.index}].backend[${backend.index}]`)
      const list = lists.get(wantedKey(wanted)) ?? { wanted, backends: [] }
      list.backends.push(`${endpoint.method} ${endpoint.endpoint} backend[${backend.index}]`)
      lists.set(wantedKey(wanted), list)
    }
  return Promise.all(
    [...lists.values()].map(async ({ wanted, backends }) => ({
      backends,
      ...(await discovered(wanted, registries)),
    })),
  )
}

async function discovered(
  wanted: Wanted,
  registries: Registries,
): Promise<Omit<Discovered, 'backends'>> {
  const links = chainOf(wanted)
  const outcomes = await Promise.all(
    links.map((link) => (isFixed(link) ? undefined : ask(link, registries))),
  )
  const pool = new Pool({
    choice: wanted.choice ?? DEFAULT_CHOICE,
    links: links.map((link) => ({
      name: link.name,
      fixed: link.fixed,
      nameDefault: () => defaultOf(link.wanted, registries),
    })),
    now: Date.now,
    timer: () => () => undefined,
    tell: () => undefined,
  })
  for (const [at, outcome] of outcomes.entries())
    if (outcome !== undefined) pool.heard(at, ASKED, outcome)
  const { state } = pool
  const { instances: found, isWithdrawn } = state
  const { service: name, scheme } = wanted
  const current =
    found === undefined ? undefined : snapshot({ name, version: 1, scheme, found, isWithdrawn })
  const asked = links.flatMap(({ name }, at) => {
    const outcome = outcomes[at]
    return outcome === undefined ? [] : [askedOf(name, outcome)]
  })
  return { wanted, asked, state, current }
}

const ASKED: PollState = {
  isAsking: false,
  failures: 0,
  nextAtMs: undefined,
  lastError: undefined,
}

const askedOf = (name: string, { result, message, tookMs = 0, answer }: Outcome): Asked => ({
  name,
  result,
  message,
  tookMs,
  instances: answer?.instances ?? [],
})

async function ask({ wanted }: WantedLink, registries: Registries): Promise<Outcome> {
  const startMs = performance.now()
  const took = () => Math.round(performance.now() - startMs)
  const limit = AbortSignal.timeout(LIMIT_MS)
  try {
    const source = registries.source(wanted)
    const answer = await Promise.race([source.ask(wanted.service, limit), tooLate(limit)])
    const { instances, isPartial, isWithdrawn, isUnknown } = answer
    const isEmpty = instances.length === 0 && isWithdrawn !== true
    const missing = isUnknown === true ? 'not-found' : 'empty'
    const result = isPartial === true ? 'partial' : isEmpty ? missing : 'success'
    return { result, answer, message: isEmpty ? answer.notes.join('; ') : '', tookMs: took() }
  } catch (error) {
    const result = error instanceof DiscoveryError ? error.failure : 'broken'
    const message = error instanceof Error ? error.message : String(error)
    return { result, answer: undefined, message, tookMs: took() }
  }
}

function tooLate(limit: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    limit.addEventListener('abort', () =>
      reject(new DiscoveryError('unreachable', `no answer in ${LIMIT_MS} ms`)),
    )
  })
}

function defaultOf(wanted: Wanted, registries: Registries): readonly Found[] {
  try {
    return registries.source(wanted).fallback?.(wanted.service) ?? []
  } catch {
    return [] // A registry that cannot be built is told by its look-up.
  }
}
