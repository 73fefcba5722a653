import type { KafkaMessage } from './kafka-library.ts'

type Pending = { readonly message: KafkaMessage; isDone: boolean }

export type Commits = {
  /** Takes a message that came, and gives what is called when it is done. */
  came(message: KafkaMessage): () => void
  /** Resolves when all that was done is committed. */
  written(): Promise<void>
}

/**
 * Kafka remembers one offset for each partition: a message is committed when it and all before it are done, one
 * after the other, so that no older offset overtakes.
 */
export function commitInOrder(failed: (error: Error) => void): Commits {
  const partitions = new Map<string, Pending[]>()
  let last = Promise.resolve()
  const commit = (message: KafkaMessage): void => {
    last = last.then(() => message.commit()).then(() => undefined, failed)
  }
  return {
    came(message) {
      const name = `${message.topic} ${message.partition}`
      const queue = partitions.get(name) ?? []
      partitions.set(name, queue)
      const pending: Pending = { message, isDone: false }
      queue.push(pending)
      return function done() {
        pending.isDone = true
        let newest: KafkaMessage | undefined
        while (queue[0]?.isDone === true) newest = queue.shift()?.message
        if (newest !== undefined) commit(newest)
      }
    },
    written: () => last,
  }
}
