import { setTimeout as pause } from 'node:timers/promises'

/** Words about messages that are on their way to a broker. */
export type Settling = {
  /** Takes one; that it failed is no harm, the broker delivers the message again. */
  add(words: Promise<unknown>): void
  /** Resolves when all arrived, or soon. */
  done(): Promise<void>
}

/** How long a stop waits for them. */
const LIMIT_MS = 3_000

/** Lets a stop wait for what was said about messages: else those that were done would come again. */
export function settling(): Settling {
  const onTheirWay = new Set<Promise<void>>()
  return {
    add(words) {
      const arrived = () => void onTheirWay.delete(mine)
      const mine: Promise<void> = words.then(arrived, arrived)
      onTheirWay.add(mine)
    },
    async done() {
      await Promise.race([Promise.all(onTheirWay), pause(LIMIT_MS, undefined, { ref: false })])
    },
  }
}
