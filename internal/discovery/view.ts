import { withRings } from '../balancer/hash-ring.ts'
import type { Snapshot, Wanted } from './discovery.ts'
import type { DiscoveryPort, FromHub } from './messages.ts'
import { type PackedSnapshot, packed } from './packed-snapshot.ts'
import type { PoolState } from './pool.ts'
import { snapshot } from './snapshot.ts'

/** One way to want a list, and the threads that do. Builds a snapshot once per change and posts it to all. */
export class View {
  readonly key: string
  readonly wanted: Wanted
  state: PoolState
  current: Snapshot | undefined
  /** The same for the threads. */
  #packed: PackedSnapshot | undefined
  readonly #ports = new Set<DiscoveryPort>()

  constructor(key: string, wanted: Wanted, state: PoolState) {
    this.key = key
    this.wanted = wanted
    this.state = state
    this.#take(state)
  }

  /** One more thread: it is told how things stand. */
  add(port: DiscoveryPort): void {
    this.#ports.add(port)
    const message = this.#standing()
    if (message !== undefined) port.postMessage(message)
  }

  /** How many threads are left. */
  remove(port: DiscoveryPort): number {
    this.#ports.delete(port)
    return this.#ports.size
  }

  update(state: PoolState): void {
    const last = this.state
    this.state = state
    const hasNewList = last.version !== state.version || last.isWithdrawn !== state.isWithdrawn
    if (hasNewList) this.#take(state)
    else if (this.current !== undefined || last.isAsking === state.isAsking) return
    const message = this.#standing()
    if (message !== undefined) for (const port of this.#ports) port.postMessage(message)
  }

  #take(state: PoolState): void {
    this.current = built(this.wanted, state)
    this.#packed = this.current === undefined ? undefined : packed(this.current)
  }

  #standing(): FromHub | undefined {
    const { key, state } = this
    if (this.#packed !== undefined) return { type: 'snapshot', key, snapshot: this.#packed }
    if (state.isAsking) return { type: 'asking', key }
    if (state.lastError === undefined) return undefined
    return { type: 'failed', key, reason: state.lastError.message }
  }
}

function built(wanted: Wanted, state: PoolState): Snapshot | undefined {
  const { instances, version, isWithdrawn } = state
  if (instances === undefined) return undefined
  const { service, scheme, hasRing } = wanted
  const list = snapshot({ name: service, version, scheme, found: instances, isWithdrawn })
  return hasRing === true ? withRings(list) : list
}
