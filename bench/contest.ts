import { mkdir } from 'node:fs/promises'
import path from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { checkAnswers } from './answers.ts'
import { type Course, type Entrant, startEntrants, stopEntrants } from './entrants.ts'
import { median } from './median.ts'
import type { Options } from './options.ts'
import type { ContestantResult, ScenarioResult, Timing, Verdict } from './results.ts'
import type { Costs, Scenario } from './scenario.ts'
import { timeEntrant } from './timing.ts'
import { usageOf } from './usage.ts'
import { load, writeScript } from './wrk.ts'

const SETTLE_MS = 1000
/** Without this contestant there is nothing to compare. */
const SUBJECT = 'gateway'

/** Runs one scenario: all start, all are warmed alike, then each round times one after the other. */
export async function runScenario(
  scenario: Scenario,
  course: Course,
  options: Options,
): Promise<ScenarioResult> {
  const folder = path.join(course.folder, `${scenario.name}-${course.width}`)
  await mkdir(folder, { recursive: true })
  const about = { name: scenario.name, does: scenario.does, width: course.width }
  const { entrants, skipped } = await startEntrants(scenario.contestants, { ...course, folder })
  try {
    if (!entrants.some(({ name }) => name === SUBJECT))
      return { ...about, contestants: [], skipped, verdicts: [] }
    await wait(SETTLE_MS)
    const idle = entrants.map(({ running }) => usageOf(running.pid).memoryMb)
    const rounds = await timeRounds(scenario, entrants, { ...course, folder }, options)
    const contestants = entrants.map(
      ({ name }, place): ContestantResult => ({
        name,
        idleMb: idle[place] ?? Number.NaN,
        timings: rounds.flatMap((round) => round.get(name) ?? []),
      }),
    )
    return { ...about, contestants, skipped, verdicts: verdictsOf(scenario, course.width, rounds) }
  } finally {
    await stopEntrants(entrants)
  }
}

type Timings = ReadonlyMap<string, Timing>

async function timeRounds(
  { exchange }: Scenario,
  entrants: readonly Entrant[],
  { cores, folder }: Course,
  { rounds, seconds, warmSeconds }: Options,
): Promise<Timings[]> {
  const script = await writeScript(folder, exchange)
  const check = async () => {
    for (const { running, name } of entrants) await checkAnswers(running.port, exchange, name)
  }
  await check()
  for (const { running } of entrants)
    await load({ port: running.port, seconds: warmSeconds, cores: cores.load, script })
  const results: Timings[] = []
  for (let round = 0; round < rounds; round += 1) {
    const timings = new Map<string, Timing>()
    for (const entrant of rotated(entrants, round))
      timings.set(entrant.name, await timeEntrant(entrant, { script, seconds, cores: cores.load }))
    results.push(timings)
  }
  await check()
  return results
}

/** Targets are set for one thread. */
function verdictsOf(scenario: Scenario, width: number, rounds: readonly Timings[]): Verdict[] {
  if (width > 1) return []
  const costs = rounds.map(
    (round): Costs => Object.fromEntries([...round].map(([who, { cpuUs }]) => [who, cpuUs])),
  )
  return scenario.targets.map(({ says, most, value }) => ({
    scenario: scenario.name,
    says,
    most,
    value: median(costs.map(value)),
  }))
}

/** Each round starts with another one, so that nobody always runs after the same. */
function rotated<T>(list: readonly T[], by: number): T[] {
  const from = by % list.length
  return [...list.slice(from), ...list.slice(0, from)]
}
