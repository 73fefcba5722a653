import type { AgentWork } from '../features/feature.ts'
import type { DeadlineWheel } from '../pipe/deadline.ts'
import type { Pipe, ProxyRequest } from '../pipe/pipe.ts'
import type { Logger } from '../telemetry/log.ts'

export type MessageWorkOptions = {
  readonly name: string
  readonly pipe: Pipe
  readonly timeoutMs: number
  readonly wheel: DeadlineWheel
  readonly log: Logger
}

/** Runs messages through an agent's pipe: only an answer with nothing wrong in it counts as success. */
export function messageWork(options: MessageWorkOptions): AgentWork['work'] {
  const { name, pipe, timeoutMs, wheel, log } = options
  const failed = (error: unknown): false => {
    log.error(`[SERVICE: AsyncAgent][${name}]`, (error as Error).message)
    return false
  }
  return async function workOnMessage(body) {
    const deadline = wheel.start(performance.now()).limit(timeoutMs)
    try {
      const response = await pipe({ ...EMPTY, body }, deadline)
      // Nobody reads it.
      if (response.kind === 'stream') response.body.destroy()
      const [error] = response.errors
      return error === undefined || failed(error)
    } catch (error) {
      return failed(error)
    } finally {
      deadline.finish()
    }
  }
}

const EMPTY: Omit<ProxyRequest, 'body'> = Object.freeze({
  method: '',
  host: '',
  path: '',
  query: [],
  headers: [],
  params: {},
})
