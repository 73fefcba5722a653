/**
 * Resolves with the first SIGTERM or SIGINT. A second one ends the process at once, whatever still runs
 * (status 130 and 143, as shells expect of signals).
 */
export function shutdownSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    let isFirst = true
    const hear = (signal: NodeJS.Signals, status: number) => () => {
      if (!isFirst) process.exit(status)
      isFirst = false
      resolve(signal)
    }
    process.on('SIGTERM', hear('SIGTERM', 143))
    process.on('SIGINT', hear('SIGINT', 130))
  })
}
