import type { Dispatcher, Client as UndiciClient } from 'undici'
import { Client, withoutIdleTimer } from '../undici.ts'
import type { Dial } from './dial.ts'
import type { DialTimes } from './dial-times.ts'
import type { Exchange } from './exchange.ts'
import { idleConnections } from './idle-connections.ts'
import type { IdleLimit } from './idle-limit.ts'

/** The connections to one origin: as many as there are calls at once, the idle ones kept within limits. */
export type OriginPool = {
  dispatch(options: Dispatcher.DispatchOptions, exchange: Exchange): void
  /** Closes what is idle now and the rest after its call. */
  retire(): void
  destroy(): void
}

export type PoolOptions = {
  readonly origin: string
  readonly settings: UndiciClient.Options
  readonly dial: Dial
  readonly maxIdle: number
  /** How long a connection may wait for a call; 0 is for ever. */
  readonly idleTimeoutMs: number
  /** Over all origins. */
  readonly idleLimit: IdleLimit
  /** Told once a first connection can be kept, before anybody hears the answer that came over it. */
  readonly onFirstKept: () => void
  /** Told when the last connection is gone. */
  readonly onEmpty: () => void
}

/** One connection and the one call it carries at a time. */
type Lease = {
  readonly client: UndiciClient
  readonly times: DialTimes
  isConnected: boolean
  isIdle: boolean
}

/** A pool of undici clients. */
export function originPool(options: PoolOptions): OriginPool {
  const { maxIdle, idleLimit, onEmpty } = options
  const leases = new Set<Lease>()
  const idle = idleConnections<Lease>(options.idleTimeoutMs, (lease) => drop(lease))
  let isRetired = false
  /** Nobody needs to be told of a first kept connection any more. */
  let hasKept = options.settings.pipelining === 0 || maxIdle === 0

  const leave = (lease: Lease): void => {
    if (!lease.isIdle) return
    lease.isIdle = false
    idleLimit.remove(lease)
    idle.remove(lease)
  }
  const drop = (lease: Lease): void => {
    leave(lease)
    if (!leases.delete(lease)) return
    lease.client.destroy().catch(() => {})
    if (leases.size === 0) onEmpty()
  }
  const release = (lease: Lease): void => {
    if (!leases.has(lease)) return
    if (!lease.isConnected || isRetired || idle.size >= maxIdle) return drop(lease)
    lease.isIdle = true
    idle.add(lease)
    idleLimit.add(lease, () => drop(lease))
  }
  const open = (): Lease => {
    const times: DialTimes = { dnsMs: 0, tlsMs: 0 }
    const client = withoutIdleTimer(
      new Client(options.origin, {
        ...options.settings,
        connect: (target, callback) => options.dial(target, callback, times),
      }),
    )
    const lease: Lease = { client, times, isConnected: false, isIdle: false }
    leases.add(lease)
    client.on('connect', () => {
      lease.isConnected = true
    })
    client.on('disconnect', () => {
      lease.isConnected = false
      if (lease.isIdle) drop(lease)
    })
    // undici says so when a connection that was busy can take a call again.
    client.on('drain', () => release(lease))
    return lease
  }

  const noteFirst = (exchange: Exchange): void => {
    if (hasKept || exchange.header('connection')?.toLowerCase() === 'close') return
    hasKept = true
    options.onFirstKept()
  }

  return {
    dispatch(call, exchange) {
      const lease = idle.take() ?? open()
      if (lease.isIdle) {
        lease.isIdle = false
        idleLimit.remove(lease)
      } else exchange.dials(lease.times)
      // A call given up before its connection stands leaves nothing to wait for.
      exchange.whenFailed(() => {
        if (!lease.isConnected) drop(lease)
      })
      if (!hasKept) exchange.whenAnswered(() => noteFirst(exchange))
      lease.client.dispatch(call, exchange)
    },
    retire() {
      isRetired = true
      for (const lease of idle.all()) drop(lease)
    },
    destroy() {
      for (const lease of [...leases]) drop(lease)
    },
  }
}
