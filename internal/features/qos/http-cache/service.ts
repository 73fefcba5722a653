import type { BackendConfig, ServiceConfig } from '../../../config/types.ts'
import type { JsonValue } from '../../../pipe/pipe.ts'
import type { MainService } from '../../main-service.ts'
import { cacheOptions, NAMESPACE, UNLIMITED } from './options.ts'
import { ReplyStore } from './reply-store.ts'
import type { StoredReply } from './stored-reply.ts'

/** What request threads ask the main thread, which holds the one store. */
export type CacheQuestion =
  | { type: 'get'; store: string; key: string; headers: string[] }
  | { type: 'set'; store: string; key: string; reply: StoredReply; keepsVariants: boolean }
  | { type: 'delete'; store: string; key: string }

/** The stores of `qos/http-cache`: one set per process, so that every thread sees what any of them fetched. */
export const httpCacheService: MainService = {
  topic: NAMESPACE,
  start({ config }) {
    const stores = storesOf(config)
    if (stores.size === 0) return undefined
    return {
      answer: async (question) => answered(stores, question as CacheQuestion) ?? null,
    }
  },
}

type Stores = ReadonlyMap<string, ReplyStore>

function answered(stores: Stores, question: CacheQuestion): JsonValue | undefined {
  const store = stores.get(question.store)
  if (store === undefined) throw new Error(`no store ${question.store}`)
  // Stores without limits of their own are one: its keys carry their names.
  const key = `${question.store} ${question.key}`
  if (question.type === 'get') return store.get(key, question.headers)
  if (question.type === 'set') store.set(key, question.reply, question.keepsVariants)
  else store.delete(key)
  return undefined
}

/** Every store that the configuration names. Of a shared one with limits the first entry decides, as in KrakenD. */
function storesOf(config: ServiceConfig): Stores {
  const unlimited = new ReplyStore(UNLIMITED)
  const stores = new Map<string, ReplyStore>()
  for (const backend of backendsOf(config)) {
    const namespace = backend.extraConfig[NAMESPACE]
    if (namespace === undefined) continue
    const { store, limits } = cacheOptions(namespace, NAMESPACE, backend)
    if (!stores.has(store))
      stores.set(store, limits === undefined ? unlimited : new ReplyStore(limits))
  }
  return stores
}

const backendsOf = ({ endpoints, asyncAgents }: ServiceConfig): BackendConfig[] =>
  [...endpoints, ...asyncAgents].flatMap(({ backends }) => backends)
