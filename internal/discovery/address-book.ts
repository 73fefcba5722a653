import type { Instance } from './discovery.ts'
import { instanceOrigin } from './snapshot.ts'

/** Told of an origin (`scheme://host:port`) that no list of this thread names any more, and once more a minute later. */
export type Unused = (origin: string) => void

/** A request that had chosen its host before may still open a connection: by then it has ended. */
const LATE_MS = 60_000

const later = (run: () => void): void => void setTimeout(run, LATE_MS).unref()

/**
 * What a thread's client knows of the lists: where host names lead, and which origins are done with (so that
 * their connections close once their requests have ended).
 */
export class AddressBook {
  /** Host name in small letters → who named it → its addresses there. */
  readonly #hosts = new Map<string, Map<object, readonly string[]>>()
  /** Origin of an instance that has its address to itself. Its text says all, so lists never disagree. */
  readonly #pinned = new Map<string, readonly string[]>()
  /** Origin → how many instances name it. */
  readonly #origins = new Map<string, number>()
  readonly #listeners = new Set<Unused>()
  readonly #later: (run: () => void) => void

  constructor(runLater = later) {
    this.#later = runLater
  }

  /** Addresses to connect to for `host` of `origin`, in order; `undefined`: the operating system knows. */
  addressesOf(host: string, origin: string): readonly string[] | undefined {
    const pinned = this.#pinned.get(origin)
    if (pinned !== undefined) return pinned
    const named = this.#hosts.get(host.toLowerCase())
    return named?.values().next().value
  }

  isInUse(origin: string): boolean {
    return this.#origins.has(origin)
  }

  /** The returned function takes `listener` back. */
  whenUnused(listener: Unused): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** `owner`, one list at one time, names these instances as well. */
  enter(owner: object, instances: readonly Instance[]): void {
    for (const instance of instances) {
      const origin = instanceOrigin(instance)
      this.#origins.set(origin, (this.#origins.get(origin) ?? 0) + 1)
      if (instance.isPinned === true) this.#pinned.set(origin, instance.addresses)
      if (instance.addresses.length === 0) continue
      const known = namedBy(this.#hosts, instance.host.toLowerCase())
      known.set(owner, joined(known.get(owner), instance.addresses))
    }
  }

  /** `owner` names none of these hosts any more. */
  leave(owner: object, instances: readonly Instance[]): void {
    const unused: string[] = []
    for (const instance of instances) {
      const origin = instanceOrigin(instance)
      const left = (this.#origins.get(origin) ?? 0) - 1
      if (left > 0) this.#origins.set(origin, left)
      else if (this.#origins.delete(origin)) unused.push(origin)
      const host = instance.host.toLowerCase()
      const known = this.#hosts.get(host)
      if (known?.delete(owner) === true && known.size === 0) this.#hosts.delete(host)
      if (left <= 0) this.#pinned.delete(origin)
    }
    this.#tellUnused(unused)
  }

  #tellUnused(unused: readonly string[]): void {
    if (unused.length === 0) return
    const tell = () => {
      for (const origin of unused)
        if (!this.#origins.has(origin)) for (const listener of this.#listeners) listener(origin)
    }
    tell()
    this.#later(tell)
  }
}

const joined = (known: readonly string[] | undefined, more: readonly string[]) =>
  known === undefined ? more : [...new Set([...known, ...more])]

function namedBy(
  hosts: Map<string, Map<object, readonly string[]>>,
  host: string,
): Map<object, readonly string[]> {
  const found = hosts.get(host)
  if (found !== undefined) return found
  const made = new Map<object, readonly string[]>()
  hosts.set(host, made)
  return made
}
