import type { Snapshot } from './discovery.ts'
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
  readonly #lists = new Map<string, Snapshot>()
  /** Host name in small letters → list → its addresses. */
  readonly #hosts = new Map<string, Map<string, readonly string[]>>()
  /** Origin of an instance that has its address to itself. Its text says all, so lists never disagree. */
  readonly #pinned = new Map<string, readonly string[]>()
  /** Origin → the lists that name it. */
  readonly #origins = new Map<string, Set<string>>()
  readonly #listeners = new Set<Unused>()
  readonly #later: (run: () => void) => void

  constructor(runLater = later) {
    this.#later = runLater
  }

  /** Addresses to connect to for `host` of `origin`, in order; `undefined`: the operating system knows. */
  addressesOf(host: string, origin: string): readonly string[] | undefined {
    const pinned = this.#pinned.get(origin)
    if (pinned !== undefined) return pinned
    const lists = this.#hosts.get(host.toLowerCase())
    return lists?.values().next().value
  }

  isInUse(origin: string): boolean {
    return this.#origins.has(origin)
  }

  /** The returned function takes `listener` back. */
  whenUnused(listener: Unused): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Takes over what `next` says in place of what the same list said before. */
  replace(key: string, next: Snapshot): void {
    const gone = this.#forget(key)
    this.#lists.set(key, next)
    for (const instance of next.instances) {
      const origin = instanceOrigin(instance)
      entry(this.#origins, origin, () => new Set<string>()).add(key)
      if (instance.isPinned === true) this.#pinned.set(origin, instance.addresses)
      if (instance.addresses.length === 0) continue
      const host = instance.host.toLowerCase()
      const known = entry(this.#hosts, host, () => new Map<string, readonly string[]>())
      known.set(key, joined(known.get(key), instance.addresses))
    }
    this.#tellUnused(gone)
  }

  /** Nobody wants the list any more. */
  remove(key: string): void {
    this.#tellUnused(this.#forget(key))
  }

  /** Takes a list's entries out; returns the origins it named. */
  #forget(key: string): string[] {
    const last = this.#lists.get(key)
    if (last === undefined) return []
    this.#lists.delete(key)
    return last.instances.map((instance) => {
      const origin = instanceOrigin(instance)
      const host = instance.host.toLowerCase()
      dropFrom(this.#origins, origin, key)
      dropFrom(this.#hosts, host, key)
      if (!this.#origins.has(origin)) this.#pinned.delete(origin)
      return origin
    })
  }

  #tellUnused(origins: readonly string[]): void {
    const unused = [...new Set(origins)].filter((origin) => !this.#origins.has(origin))
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

function entry<Value>(map: Map<string, Value>, key: string, make: () => Value): Value {
  const found = map.get(key)
  if (found !== undefined) return found
  const made = make()
  map.set(key, made)
  return made
}

/** Takes `key` out of the collection at `name`, and the collection with its last key. */
function dropFrom(map: Map<string, Set<string> | Map<string, unknown>>, name: string, key: string) {
  const keys = map.get(name)
  keys?.delete(key)
  if (keys?.size === 0) map.delete(name)
}
