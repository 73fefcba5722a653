/** Bounds what is idle over all origins: the one idle for longest goes first. */
export type IdleLimit = {
  add(connection: object, close: () => void): void
  remove(connection: object): void
}

/** `max_idle_connections`; 0 is no limit and keeps no list. */
export function idleLimit(most: number): IdleLimit {
  if (most === 0) return { add() {}, remove() {} }
  const idle = new Map<object, () => void>()
  return {
    add(connection, close) {
      idle.set(connection, close)
      if (idle.size <= most) return
      const oldest = idle.values().next().value
      oldest?.()
    },
    remove(connection) {
      idle.delete(connection)
    },
  }
}
