import type { MainService } from '../main-service.ts'

/** The topic under which agents report that they are alive, and all threads hear of it. */
export const AGENTS_TOPIC = 'async agents'

/** Tells all threads when each agent was last alive: any of them may be asked for the health page. */
export const agentService: MainService = {
  topic: AGENTS_TOPIC,
  start({ config, now, tell }) {
    if (config.asyncAgents.length === 0) return undefined
    return {
      async answer(question) {
        const name = String(question)
        tell(AGENTS_TOPIC, name, [name, now(), performance.now()])
        return null
      },
    }
  },
}
