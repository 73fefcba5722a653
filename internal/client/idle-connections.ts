/** What is kept for the next call. */
type Waiting<T> = { readonly connection: T; readonly sinceMs: number }

export type IdleConnections<T> = {
  readonly size: number
  /** The one used last, so that the others may grow old. */
  take(): T | undefined
  add(connection: T): void
  remove(connection: T): void
  all(): readonly T[]
}

/**
 * The connections to one origin that wait for a call. One that waited `timeoutMs` is handed to `close`, up to a
 * tenth late; 0 keeps them all. One timer for all of them: undici arms and clears one of its own with every call,
 * a twentieth of that call's CPU time.
 */
export function idleConnections<T>(
  timeoutMs: number,
  close: (connection: T) => void,
): IdleConnections<T> {
  const waiting: Waiting<T>[] = []
  let timer: NodeJS.Timeout | undefined
  const closeOld = (): void => {
    timer = undefined
    const newest = performance.now() - timeoutMs
    const old = waiting.filter(({ sinceMs }) => sinceMs <= newest)
    for (const { connection } of old) close(connection)
    watch()
  }
  const watch = (): void => {
    const oldest = waiting[0]
    if (timeoutMs === 0 || timer !== undefined || oldest === undefined) return
    const waitMs = Math.max(oldest.sinceMs + timeoutMs - performance.now(), timeoutMs / 10)
    timer = setTimeout(closeOld, waitMs).unref()
  }
  return {
    get size() {
      return waiting.length
    },
    take: () => waiting.pop()?.connection,
    add(connection) {
      waiting.push({ connection, sinceMs: timeoutMs === 0 ? 0 : performance.now() })
      watch()
    },
    remove(connection) {
      const at = waiting.findIndex((one) => one.connection === connection)
      if (at >= 0) waiting.splice(at, 1)
    },
    all: () => waiting.map(({ connection }) => connection),
  }
}
