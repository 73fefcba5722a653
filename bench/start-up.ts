import path from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { routes, service } from './documents.ts'
import { type Course, launchOf } from './entrants.ts'
import { median } from './median.ts'
import { programs } from './programs/table.ts'
import type { StartResult, Verdict } from './results.ts'
import { startProgram } from './running.ts'
import { usageOf } from './usage.ts'

const SETTLE_MS = 500
const NAMES = ['gateway', 'krakend'] as const
/** Endpoints, and within how many seconds this gateway is to listen with them. */
const SIZES = [
  { endpoints: 1000, mostSeconds: 0.35 },
  { endpoints: 10_000, mostSeconds: 1.2 },
] as const

/** Starts each `times` times, one after the other and not pinned, as users start them. */
export async function timeStarts(course: Course, times: number): Promise<StartResult[]> {
  const results: StartResult[] = []
  for (const { endpoints } of SIZES)
    for (const name of NAMES) {
      if (programs[name].missing() !== undefined) continue
      const starts = []
      for (let time = 0; time < times; time += 1)
        starts.push(await timeStart(name, endpoints, course))
      results.push({
        name,
        endpoints,
        startMs: median(starts.map(({ startMs }) => startMs)),
        memoryMb: median(starts.map(({ memoryMb }) => memoryMb)),
      })
    }
  return results
}

/** How the start-up targets came out. */
export function startVerdicts(results: readonly StartResult[]): Verdict[] {
  return SIZES.map(({ endpoints, mostSeconds }) => {
    const ours = results.find((one) => one.name === 'gateway' && one.endpoints === endpoints)
    return {
      scenario: 'start',
      says: `seconds until it serves ${endpoints.toLocaleString('en')} endpoints`,
      most: mostSeconds,
      value: (ours?.startMs ?? Number.NaN) / 1000,
    }
  })
}

async function timeStart(name: (typeof NAMES)[number], endpoints: number, course: Course) {
  const folder = path.join(course.folder, `start-${endpoints}`)
  const document = service(...routes(endpoints))
  const launch = await launchOf({ name, program: name, document }, { ...course, folder })
  const command = await programs[name].prepare(launch)
  const running = await startProgram({ command, folder: launch.folder, port: launch.port })
  try {
    await wait(SETTLE_MS)
    return { startMs: running.startMs, memoryMb: usageOf(running.pid).memoryMb }
  } finally {
    await running.stop()
  }
}
