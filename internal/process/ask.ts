import type { JsonValue } from '../pipe/pipe.ts'
import type { FromRequestThread, ToThread } from './thread-messages.ts'

type Waiting = { resolve(answer: JsonValue): void; reject(error: Error): void }

/** What the main thread's services tell, by topic. */
function newsDesk() {
  const listeners = new Map<string, Set<(news: JsonValue) => void>>()
  return {
    hear(topic: string, listener: (news: JsonValue) => void): () => void {
      const heard = listeners.get(topic) ?? new Set()
      listeners.set(topic, heard.add(listener))
      return () => heard.delete(listener)
    },
    told(topic: string, news: JsonValue): void {
      for (const listener of listeners.get(topic) ?? []) listener(news)
    },
  }
}

/** A thread's questions to the main thread, for what there is one of per process. */
function asker(tell: (message: FromRequestThread) => void) {
  const waiting = new Map<number, Waiting>()
  let lastId = 0
  return {
    ask(topic: string, question: JsonValue): Promise<JsonValue> {
      const id = ++lastId
      return new Promise((resolve, reject) => {
        waiting.set(id, { resolve, reject })
        tell({ type: 'ask', id, topic, question })
      })
    },
    answered({ id, answer, error }: Extract<ToThread, { type: 'answer' }>): void {
      const asked = waiting.get(id)
      waiting.delete(id)
      if (error === undefined) asked?.resolve(answer ?? null)
      else asked?.reject(new Error(error))
    },
  }
}

/** A thread's line to the services of the main thread, open before it serves. */
export type MainDesk = ReturnType<typeof mainDesk>

export function mainDesk(tell: (message: FromRequestThread) => void) {
  const { ask, answered } = asker(tell)
  const { hear, told } = newsDesk()
  return {
    ask,
    hear,
    take(message: Extract<ToThread, { type: 'answer' | 'news' }>): void {
      if (message.type === 'news') told(message.topic, message.news)
      else answered(message)
    },
  }
}
