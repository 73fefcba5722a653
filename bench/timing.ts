import { statSync } from 'node:fs'
import type { Entrant } from './entrants.ts'
import type { Timing } from './results.ts'
import { usageOf } from './usage.ts'
import { load } from './wrk.ts'

const MEMORY_PERIOD_MS = 250
/** No access log says less about a request. */
const SHORTEST_LINE_BYTES = 20
const US_PER_MS = 1000

export type Round = {
  readonly script: string
  readonly seconds: number
  /** Of the load. */
  readonly cores: readonly number[]
}

/** Loads one contestant and takes its own accounting before and after. */
export async function timeEntrant({ running, logs, name }: Entrant, round: Round): Promise<Timing> {
  const { pid, port, outputFile } = running
  const before = usageOf(pid)
  const printedBefore = statSync(outputFile).size
  let memoryMb = before.memoryMb
  const sampling = setInterval(() => {
    memoryMb = Math.max(memoryMb, usageOf(pid).memoryMb)
  }, MEMORY_PERIOD_MS)
  try {
    const { requests, requestsPerSecond, p50Ms, p99Ms } = await load({ ...round, port })
    const after = usageOf(pid)
    const printed = statSync(outputFile).size - printedBefore
    if (logs === true && printed < requests * SHORTEST_LINE_BYTES)
      throw new Error(`${requests} requests left ${printed} bytes of access log`)
    const cpuUs = ((after.cpuMs - before.cpuMs) * US_PER_MS) / requests
    return { requestsPerSecond, p50Ms, p99Ms, cpuUs, memoryMb: Math.max(memoryMb, after.memoryMb) }
  } catch (error) {
    throw new Error(`${name}: ${(error as Error).message}`, { cause: error })
  } finally {
    clearInterval(sampling)
  }
}
