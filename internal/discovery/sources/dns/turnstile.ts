/** Lets a limited number through at once; the others wait in line. */
export type Turnstile = {
  /** Resolves with the way out. Rejects with the signal's reason when it ends first. */
  enter(signal: AbortSignal): Promise<() => void>
}

export function turnstile(places: number): Turnstile {
  let free = places
  const line = new Set<() => void>()
  const leave = () => {
    free++
    const next = line.values().next().value
    if (next === undefined) return
    line.delete(next)
    next()
  }
  const wayOut = () => {
    free--
    let isInside = true
    return () => {
      if (isInside) leave()
      isInside = false
    }
  }
  return {
    async enter(signal) {
      signal.throwIfAborted()
      if (free > 0) return wayOut()
      const { promise, resolve, reject } = Promise.withResolvers<() => void>()
      const admit = () => {
        signal.removeEventListener('abort', giveUp)
        resolve(wayOut())
      }
      const giveUp = () => {
        line.delete(admit)
        reject(signal.reason)
      }
      line.add(admit)
      signal.addEventListener('abort', giveUp, { once: true })
      return promise
    },
  }
}
