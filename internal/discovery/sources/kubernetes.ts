import { setTimeout as wait } from 'node:timers/promises'
import type { JsonObject } from '../../pipe/pipe.ts'
import { type Answer, DiscoveryError, type Source, type SourceFactory } from '../discovery.ts'
import { asObject, asText, parseJson } from './json.ts'
import {
  addSlice,
  type KubernetesApi,
  kubernetesApi,
  listSlices,
  nameOf,
  type Slices,
  slicesPath,
} from './kubernetes-api.ts'
import { answerOfSlices } from './kubernetes-slices.ts'
import { readOptions } from './read-options.ts'

/** The server ends a watch after this long; then it goes on from where it was. */
const WATCH_SECONDS = 300
/** Bookmarks come about once a minute: more silence than that is a dead connection. */
const QUIET_MS = 150_000
/** Changes come in bursts, a slice each: one answer for all of a burst. */
const BURST_MS = 20
/** A watch that ended sooner was no use. */
const SHORTEST_WATCH_MS = 1000

/** Services of Kubernetes by their EndpointSlices; `host[0]` is `name`, `name.namespace`, each with `:port` or not. */
export const kubernetesSource: SourceFactory = (written, scope) => {
  const api = kubernetesApi(readOptions('kubernetes', written), scope)
  const wanted = (service: string) => wantedOf(service, api.namespace)

  return {
    async ask(service, signal) {
      const { name, namespace, port } = wanted(service)
      const { slices } = await listSlices(api.client, namespace, name, signal)
      return answerOfSlices(slices.values(), port)
    },
    watch: (service, tell, signal) => watchSlices(api, wanted(service), tell, signal),
    close: () => api.client.close(),
  } satisfies Source
}

type WantedService = { readonly name: string; readonly namespace: string; readonly port: string }

function wantedOf(service: string, ownNamespace: string): WantedService {
  const [, name = '', namespace = ownNamespace, port = ''] =
    /^([a-z0-9-]+)(?:\.([a-z0-9-]+)(?:\.svc(?:\.[a-z0-9.-]+)?)?)?(?::([a-z0-9-]+))?$/i.exec(
      service,
    ) ?? []
  if (name === '')
    throw new DiscoveryError('broken', `${JSON.stringify(service)} is not name[.namespace][:port]`)
  return { name: name.toLowerCase(), namespace: namespace.toLowerCase(), port }
}

/** Lists, watches from there, and lists again when that is too long ago. */
async function watchSlices(
  api: KubernetesApi,
  wanted: WantedService,
  tell: (answer: Answer) => void,
  signal: AbortSignal,
): Promise<void> {
  let telling: NodeJS.Timeout | undefined
  try {
    for (;;) {
      const startedMs = performance.now()
      const state = await listSlices(api.client, wanted.namespace, wanted.name, signal)
      const tellNow = () => {
        telling = undefined
        tell(answerOfSlices(state.slices.values(), wanted.port))
      }
      tellNow()
      await follow({
        api,
        wanted,
        state,
        signal,
        changed: () => (telling ??= setTimeout(tellNow, BURST_MS)),
      })
      clearTimeout(telling)
      telling = undefined
      await notTooOften(startedMs, signal)
    }
  } catch (error) {
    if (!signal.aborted) throw error
  } finally {
    clearTimeout(telling)
  }
}

type Followed = {
  readonly api: KubernetesApi
  readonly wanted: WantedService
  readonly state: Slices
  readonly signal: AbortSignal
  readonly changed: () => void
}

/** Returns when the version it stands at is too old to go on from. */
async function follow({ api, wanted, state, signal, changed }: Followed): Promise<void> {
  let { version } = state
  for (;;) {
    const startedMs = performance.now()
    const path = slicesPath(wanted.namespace, wanted.name, {
      watch: '1',
      allowWatchBookmarks: 'true',
      resourceVersion: version,
      timeoutSeconds: String(WATCH_SECONDS),
    })
    const { status, who, lines } = await api.client.lines({ path }, QUIET_MS, signal)
    if (status === 410) return
    if (status !== 200) throw new DiscoveryError('unreachable', `${who}: answered ${status}`)
    for await (const line of lines) {
      const { type, object } = asObject(parseJson(line, who)) ?? {}
      const slice = asObject(object)
      if (slice === undefined) throw new DiscoveryError('broken', `${who}: no event`)
      if (type === 'ERROR') {
        if (slice['code'] === 410) return
        throw new DiscoveryError('unreachable', `${who}: ${asText(slice['message'])}`)
      }
      apply(state.slices, type === 'DELETED', slice, type === 'BOOKMARK')
      version = asText(asObject(slice['metadata'])?.['resourceVersion']) || version
      // Bookmarks too: they confirm what is known.
      changed()
    }
    changed()
    await notTooOften(startedMs, signal)
  }
}

async function notTooOften(startedMs: number, signal: AbortSignal): Promise<void> {
  if (performance.now() - startedMs < SHORTEST_WATCH_MS)
    await wait(SHORTEST_WATCH_MS, undefined, { signal, ref: false })
}

function apply(
  slices: Map<string, JsonObject>,
  isDeleted: boolean,
  slice: JsonObject,
  isBookmark: boolean,
): void {
  if (isBookmark) return
  if (isDeleted) slices.delete(nameOf(slice))
  else addSlice(slices, slice)
}
