import { type Delivery, Inbox, type MessageSource } from '../../../brokers/inbox.ts'

export type PullOptions = {
  /** Asks for up to `most` messages; resolves with none when none came in its time. One call at a time. */
  readonly receive: (most: number) => Promise<readonly Delivery[]>
  /** Ends what `receive` still does. */
  readonly close: () => Promise<void>
}

/** Those that came for a request that is over wait so long for the next: brokers lock them for longer. */
const HOLD_MS = 10_000

/** Messages of a broker that can be asked by one at a time: it asks for all who wait, and only while somebody does. */
export function sharedPull({ receive, close }: PullOptions): MessageSource {
  const inbox = new Inbox()
  let isPulling = false
  let isClosed = false
  let holding: NodeJS.Timeout | undefined
  const pull = async (): Promise<void> => {
    isPulling = true
    try {
      while (inbox.waiting > 0 && !isClosed)
        for (const one of await receive(inbox.waiting)) inbox.put(one)
      isPulling = false
      if (isClosed) inbox.giveBack()
      else if (inbox.size > 0) holding = setTimeout(() => inbox.giveBack(), HOLD_MS)
    } catch (error) {
      isPulling = false
      inbox.fail((error as Error).message)
    }
  }
  return {
    take(timeoutMs) {
      clearTimeout(holding)
      const taken = inbox.take(timeoutMs)
      if (inbox.waiting > 0 && !isPulling) void pull()
      return taken
    },
    async close() {
      isClosed = true
      clearTimeout(holding)
      inbox.fail('closed')
      inbox.giveBack()
      await close()
    },
  }
}
