import type { ScenarioResult, Verdict } from './results.ts'

const SCENARIO = 'json'
const SUBJECT = 'gateway'
const MOST_IDLE_MB = 120
const MOST_LOADED_MB = 180
const MOST_MB_BY_THREAD = 40

/** How the memory targets came out, in the plainest scenario. */
export function memoryVerdicts(results: readonly ScenarioResult[]): Verdict[] {
  const one = memoryWith(1, results)
  if (one === undefined) return []
  const verdict = (says: string, most: number, value: number): Verdict => ({
    scenario: SCENARIO,
    says,
    most,
    value,
  })
  const further = results
    .filter(({ name, width }) => name === SCENARIO && width > 1)
    .flatMap(({ width }) => {
      const several = memoryWith(width, results)
      if (several === undefined) return []
      const more = width - 1
      const added = (several.loadedMb - one.loadedMb) / more
      const most = MOST_LOADED_MB + MOST_MB_BY_THREAD * more
      return [
        verdict(`MB under load, ${width} threads`, most, several.loadedMb),
        verdict(`MB under load for each thread more (${width} threads)`, MOST_MB_BY_THREAD, added),
      ]
    })
  return [
    verdict('MB idle, 1 thread', MOST_IDLE_MB, one.idleMb),
    verdict('MB under load, 1 thread', MOST_LOADED_MB, one.loadedMb),
    ...further,
  ]
}

function memoryWith(width: number, results: readonly ScenarioResult[]) {
  const result = results.find((one) => one.name === SCENARIO && one.width === width)
  const ours = result?.contestants.find(({ name }) => name === SUBJECT)
  if (ours === undefined) return undefined
  const loadedMb = Math.max(...ours.timings.map(({ memoryMb }) => memoryMb))
  return { idleMb: ours.idleMb, loadedMb }
}
