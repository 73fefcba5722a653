import type { Guard } from './policy/guard.ts'

/** What becomes of the list in use when an answer is missing or odd. */
export type Action = 'keep' | 'fallback' | 'drop'

/** What a backend wants of a registry's answers: data, read from `backend/discovery` by `read-choice.ts`. */
export type Choice = {
  readonly filter: Filter
  readonly policy: Policy
  readonly guard: Guard
  /** How long a new instance takes to reach its full share; 0: it has it at once. */
  readonly slowStartMs: number
  /** Further sources, asked in order when the first has nothing. */
  readonly chain: readonly ChainLink[]
  readonly snapshotFile: SnapshotFileChoice | undefined
  /** `undefined`: nobody is asked whether it is well. */
  readonly checks: ActiveChecks | undefined
}

/** How instances are asked whether they are well. */
export type ActiveChecks = {
  readonly path: string
  readonly intervalMs: number
  readonly timeoutMs: number
}

/** Which instances are taken, and at which port. */
export type Filter = {
  readonly metadata: Readonly<Record<string, string>>
  readonly tags: readonly string[]
  /** A number, or a name under which the instance's metadata has one (`port.<name>`); `''`: the registry's. */
  readonly port: string
}

export type Policy = {
  /** How old the last good list may grow; `undefined`: for ever, or an hour where something may stand in. */
  readonly maxStaleMs: number | undefined
  readonly onUnreachable: Action
  /** `undefined`: keep, or what the service's own name says for this case (`etcd(key,default_URL)`). */
  readonly onNotFound: Action | undefined
  readonly onEmpty: Action
  readonly onPartial: Action
}

export type ChainLink = {
  readonly sd: string
  readonly registry: string
  /** Addresses where `sd` is `static`, else the service's name in the first. */
  readonly hosts: readonly string[]
}

export type SnapshotFileChoice = { readonly path: string; readonly maxAgeMs: number }

/** Confirmations and hold time of the guard unless told: a minute of a registry that says the same is believed. */
const GUARD: Guard = { maxRemoved: undefined, confirmations: 3, holdMs: 60_000 }

/** What holds where `backend/discovery` says nothing: no working list is dropped for a registry's bad minute. */
export const DEFAULT_CHOICE: Choice = {
  filter: { metadata: {}, tags: [], port: '' },
  policy: {
    maxStaleMs: undefined,
    onUnreachable: 'keep',
    onNotFound: undefined,
    onEmpty: 'keep',
    onPartial: 'keep',
  },
  guard: GUARD,
  slowStartMs: 0,
  chain: [],
  snapshotFile: undefined,
  checks: undefined,
}
