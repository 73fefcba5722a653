import type { AdminRoute } from '../admin/admin-listener.ts'
import type { ServiceConfig } from '../config/types.ts'
import type { JsonValue } from '../pipe/pipe.ts'
import type { Logger } from '../telemetry/log.ts'
import type { MetricsHub } from '../telemetry/metrics-hub.ts'

/** What the main thread's part of a feature is built with. */
export type MainScope = {
  readonly config: ServiceConfig
  readonly log: Logger
  readonly metrics: MetricsHub
  /** Milliseconds since the epoch. */
  readonly now: () => number
  /** Tells every request thread, also those that start later get the last news of each `key`. */
  readonly tell: (topic: string, key: string, news: JsonValue) => void
  /** Values that must never be printed. */
  readonly secret: (value: string) => void
}

/** A part of a feature that there is one of per process. */
export type RunningService = {
  /** Answers what threads ask by `scope.ask(topic, ...)`; a rejection reaches the asker as an `Error`. */
  answer?(question: JsonValue): Promise<JsonValue>
  /** Routes it adds to the admin listener. */
  readonly adminRoutes?: readonly AdminRoute[]
  close?(): void | Promise<void>
}

/** Started once in the main thread, when the configuration asks for it. */
export type MainService = {
  readonly topic: string
  /** `undefined` when this configuration does not need it. Throws a `ConfigError` when it cannot work. */
  start(scope: MainScope): RunningService | undefined | Promise<RunningService | undefined>
}
