import type { JsonObject } from '../../pipe/pipe.ts'
import type { Scope, ServicePlace } from '../feature.ts'
import { type Fingerprint, fingerprint, itemText } from './revoker/bloom-filter.ts'
import { REVOKER, type RevokerOptions, revokerOptions } from './revoker/revoker-options.ts'
import { RotatingFilter } from './revoker/rotating-filter.ts'

/** A thread's view of what is revoked: the main thread writes into memory that all threads read. */
export type Revocations = {
  /** Resolves when the view is there; `undefined` once it is. Rejects when it cannot be had. */
  ready(): Promise<void> | undefined
  /** Whether a token with these claims is revoked. Asked only when ready. */
  isRevoked(claims: JsonObject): boolean
}

/** `auth/revoker` as the validators of an endpoint ask it; `undefined` without one. */
export function revocations({ service }: ServicePlace, scope: Scope): Revocations | undefined {
  const config = service.extraConfig[REVOKER]
  return config === undefined ? undefined : view(revokerOptions(config), scope)
}

function view({ size, tokenKeys }: RevokerOptions, scope: Scope): Revocations {
  let filter: RotatingFilter | undefined
  let asking: Promise<void> | undefined
  /** The generation in which claims were last found good: they come again with each request of a kept verdict. */
  const cleared = new WeakMap<JsonObject, number>()
  const ask = async (): Promise<void> => {
    const memory = (await scope.ask(REVOKER, 'memory')) as unknown as SharedArrayBuffer
    filter = new RotatingFilter(size, memory)
  }
  return {
    ready() {
      if (filter !== undefined) return undefined
      asking ??= ask().finally(() => {
        asking = undefined
      })
      return asking
    },
    isRevoked(claims) {
      if (filter === undefined) return true
      const { generation } = filter
      if (cleared.get(claims) === generation) return false
      for (const key of tokenKeys) {
        const item = itemOf(key, claims)
        if (item !== undefined && filter.has(item)) return true
      }
      cleared.set(claims, generation)
      return false
    },
  }
}

/** Only texts at the top of the claims count. */
function itemOf(key: string, claims: JsonObject): Fingerprint | undefined {
  const value = Object.hasOwn(claims, key) ? claims[key] : undefined
  return typeof value === 'string' ? fingerprint(itemText(key, value)) : undefined
}
