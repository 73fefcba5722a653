import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { availableParallelism, tmpdir } from 'node:os'
import path from 'node:path'
import { aboutThisRun } from './about.ts'
import { runScenario } from './contest.ts'
import { splitCores } from './cores.ts'
import { memoryVerdicts } from './memory.ts'
import type { Options } from './options.ts'
import { startUpstream } from './programs/upstream.ts'
import { progress } from './report.ts'
import type { Results, ScenarioResult, StartResult } from './results.ts'
import type { Scenario } from './scenario.ts'
import { scenarios } from './scenarios.ts'
import { startVerdicts, timeStarts } from './start-up.ts'
import { signTokens, type Tokens } from './tokens.ts'

const TOKENS = 10_000
/** The name of the start-up times among the scenarios' names. */
const START = 'start'
const STARTS = { whole: 5, quick: 3 }

/** What `--only` can name. */
export const parts: readonly string[] = [...scenarios(['']).map(({ name }) => name), START]

/** Runs all that `options` ask for. Nothing stays running, however it ends. */
export async function runBench(options: Options, args: readonly string[]): Promise<Results> {
  const about = aboutThisRun(options, args)
  const tokens = signTokens(isWanted('jwt', options) ? TOKENS : 1)
  const wanted = scenarios(tokens.tokens).filter(({ name }) => isWanted(name, options))
  const folder = await mkdtemp(path.join(tmpdir(), 'bench-'))
  // nginx started by root reads its files as nobody
  await chmod(folder, 0o755)
  const results: ScenarioResult[] = []
  const starts: StartResult[] = []
  try {
    for (const width of options.widths) {
      const list = wanted.filter(({ alsoWide }) => width === 1 || alsoWide === true)
      const done = await runWidth(width, list, { folder, tokens, options })
      results.push(...done.results)
      starts.push(...done.starts)
    }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
  const verdicts = [
    ...results.flatMap((result) => result.verdicts),
    ...memoryVerdicts(results),
    ...(starts.length > 0 ? startVerdicts(starts) : []),
  ]
  return { about, scenarios: results, starts, verdicts }
}

/** All that one number of threads has to run, on an upstream of its own. */
async function runWidth(
  width: number,
  list: readonly Scenario[],
  { folder, tokens, options }: { folder: string; tokens: Tokens; options: Options },
): Promise<{ results: ScenarioResult[]; starts: StartResult[] }> {
  const cores = splitCores(availableParallelism(), width)
  const upstream = await startUpstream({ folder, cores: cores.load, jwkSet: tokens.jwkSet })
  const course = { folder, upstream, cores, width }
  try {
    const results: ScenarioResult[] = []
    for (const scenario of list) {
      const result = await runScenario(scenario, course, options)
      process.stderr.write(`${progress(result)}\n`)
      results.push(result)
    }
    const times = options.isQuick ? STARTS.quick : STARTS.whole
    const starts = width === 1 && isWanted(START, options) ? await timeStarts(course, times) : []
    return { results, starts }
  } finally {
    await upstream.stop()
  }
}

function isWanted(name: string, { only }: Options): boolean {
  return only.length === 0 || only.includes(name)
}
