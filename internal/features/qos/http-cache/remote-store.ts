import type { Deadline } from '../../../pipe/deadline.ts'
import type { HeaderList, JsonValue } from '../../../pipe/pipe.ts'
import type { Scope } from '../../feature.ts'
import { NAMESPACE } from './options.ts'
import type { CacheQuestion } from './service.ts'
import type { StoredReply } from './stored-reply.ts'

/** A store in the main thread, seen from a request thread. */
export type RemoteStore = {
  /** Rejects only when the deadline is over: a store that cannot be asked has nothing. */
  get(key: string, headers: HeaderList, deadline: Deadline): Promise<StoredReply | undefined>
  /** Resolves when it is kept; never rejects. */
  set(key: string, reply: StoredReply, keepsVariants: boolean): Promise<void>
  /** Resolves when it is gone; never rejects. */
  delete(key: string): Promise<void>
}

export function remoteStore(store: string, { ask, log }: Pick<Scope, 'ask' | 'log'>): RemoteStore {
  const asked = (question: CacheQuestion): Promise<JsonValue> =>
    ask(NAMESPACE, question).catch((error) => {
      // Without the store every request goes upstream, which is slower and right.
      log.error('[HTTP-CACHE] the store does not answer:', (error as Error).message)
      return null
    })
  return {
    get: (key, headers, deadline) =>
      unlessOver(asked({ type: 'get', store, key, headers: [...headers] }), deadline).then(
        (found) => (found as StoredReply | null) ?? undefined,
      ),
    async set(key, reply, keepsVariants) {
      await asked({ type: 'set', store, key, reply, keepsVariants })
    },
    async delete(key) {
      await asked({ type: 'delete', store, key })
    },
  }
}

function unlessOver<T>(work: Promise<T>, deadline: Deadline): Promise<T> {
  return new Promise((resolve, reject) => {
    const forget = deadline.whenOver(reject)
    work.then((value) => {
      forget()
      resolve(value)
    }, reject)
  })
}
