import { type MessagePort, parentPort, workerData } from 'node:worker_threads'
import { ConfigError } from '../errors.ts'
import { mainDesk } from './ask.ts'
import { type Serving, startServing } from './serving.ts'
import type { FromRequestThread, ThreadBirth, ToThread } from './thread-messages.ts'

/** A request thread: hears the main thread, serves, and ends when it is told to. */
function hear(main: MessagePort, birth: ThreadBirth): void {
  let serving: Serving | undefined
  const tell = (message: FromRequestThread) => main.postMessage(message)
  const desk = mainDesk(tell)
  main.on('message', async (message: ToThread) => {
    try {
      if (message.type === 'serve') {
        serving = await startServing({ ...message, birth, tell, desk })
        tell({ type: 'listening' })
      } else if (message.type === 'drain') {
        await serving?.drain()
        tell({ type: 'drained' })
        main.close()
      } else desk.take(message)
    } catch (error) {
      tell({
        type: 'failed',
        message: (error as Error).message,
        problems: error instanceof ConfigError ? error.problems : [],
      })
    }
  })
}

if (parentPort !== null) hear(parentPort, workerData as ThreadBirth)
