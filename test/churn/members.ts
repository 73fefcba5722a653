/** `put` for registries that take one instance at a time. */
export type Members = {
  put(ports: readonly number[]): Promise<void>
  /** The registry has lost them all. */
  forget(): void
}

/** Joins and leaves until the registry has exactly the ports that `put` names; those that join come first. */
export function members(
  join: (port: number) => Promise<unknown>,
  leave: (port: number) => Promise<unknown>,
): Members {
  let present: readonly number[] = []
  return {
    async put(ports) {
      for (const port of ports) if (!present.includes(port)) await join(port)
      for (const port of present) if (!ports.includes(port)) await leave(port)
      present = ports
    },
    forget() {
      present = []
    },
  }
}
