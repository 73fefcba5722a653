import type { Client } from '../client/client.ts'
import type { ServiceConfig } from '../config/types.ts'
import type { Subscription } from '../discovery/discovery.ts'
import { GatewayError } from '../errors.ts'
import { buildGateway } from '../gateway.ts'
import type { Logger } from '../telemetry/log.ts'
import type { Meters } from '../telemetry/metrics.ts'
import { sharedWords, wordMemory } from './shared-memory.ts'
import { sharedSlots, slotMemory } from './shared-slots.ts'
import { sharedTable, tableMemory } from './shared-table.ts'

/**
 * Builds the gateway as a start would, around parts that do nothing: routes that conflict and features that cannot
 * work are found without opening anything.
 *
 * @throws {ConfigError}
 */
export async function tryToBuild(config: ServiceConfig, maxDecodeBytes: number): Promise<void> {
  const gateway = buildGateway(config, {
    scope: {
      log: SILENT,
      meters: UNCOUNTED,
      words: sharedWords(wordMemory()),
      slots: sharedSlots(slotMemory(1), { threads: 1, thread: 0 }),
      clients: sharedTable(tableMemory(SMALLEST_TABLE)),
      client: UNCONNECTED,
      now: Date.now,
      clock: performance.now.bind(performance),
      random: Math.random,
      ask: unavailable,
      hear: () => () => undefined,
      holder: { hold: unavailable },
      maxDecodeBytes,
    },
    discovery: { fixed: unanswered, subscribe: () => unanswered('') },
    seat: { index: 0, of: 1 },
  })
  await gateway.close()
}

/** Nobody asks for a client during a trial. */
const SMALLEST_TABLE = 16

const nothing = (): void => undefined
const unavailable = (): Promise<never> => Promise.reject(new GatewayError('internal'))

const SILENT: Logger = {
  debug: nothing,
  info: nothing,
  warning: nothing,
  error: nothing,
  critical: nothing,
}

const cell = { add: nothing, set: nothing, observe: nothing }
const UNCOUNTED: Meters = {
  counter: () => cell,
  gauge: () => cell,
  histogram: () => cell,
  remove: nothing,
}

const UNCONNECTED: Client = {
  send: unavailable,
  exchange: unavailable,
  retire: nothing,
  close: async () => undefined,
}

const unanswered = (name: string): Subscription => ({
  name,
  isFixed: true,
  current: undefined,
  first: unavailable,
  beforeUse: nothing,
  ejected: nothing,
  close: nothing,
})
