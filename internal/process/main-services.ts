import type { AdminRoute } from '../admin/admin-listener.ts'
import { throwAll } from '../build-all.ts'
import type { MainScope, MainService, RunningService } from '../features/main-service.ts'
import type { JsonValue } from '../pipe/pipe.ts'

/** The main thread's parts of the features, running. */
export type MainServices = {
  answer(topic: string, question: JsonValue): Promise<JsonValue>
  readonly adminRoutes: readonly AdminRoute[]
  close(): Promise<void>
}

/** Starts what the configuration needs. Throws a `ConfigError` with all that is wrong, after closing what had started. */
export async function startMainServices(
  table: readonly MainService[],
  scope: MainScope,
): Promise<MainServices> {
  const running = new Map<string, RunningService>()
  const close = async () => {
    await Promise.allSettled([...running.values()].map(async (service) => service.close?.()))
  }
  const errors: unknown[] = []
  for (const { topic, start } of table) {
    try {
      const service = await start(scope)
      if (service !== undefined) running.set(topic, service)
    } catch (error) {
      errors.push(error)
    }
  }
  if (errors.length > 0) await close()
  throwAll(errors)
  return {
    async answer(topic, question) {
      const service = running.get(topic)
      if (service?.answer === undefined) throw new Error(`nobody answers ${topic}`)
      return service.answer(question)
    },
    adminRoutes: [...running.values()].flatMap((service) => service.adminRoutes ?? []),
    close,
  }
}
