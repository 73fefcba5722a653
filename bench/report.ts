import { median } from './median.ts'
import type { ContestantResult, Results, ScenarioResult, StartResult, Verdict } from './results.ts'

/** The results as a Markdown page. */
export function report({ about, scenarios, starts, verdicts }: Results): string {
  const timed = scenarios.filter(({ contestants }) => contestants.length > 0)
  const skipped = scenarios.flatMap(({ name, width, skipped }) =>
    skipped.map((one) => `- ${titleOf({ name, width })}: ${one.name}: ${one.reason}`),
  )
  return [
    '# Results of the bench',
    'Written by `make bench` ([how it measures](README.md)). The figure to compare is CPU time per request, from the processes’ own accounting; requests per second also show what load and upstream take.',
    about.map((line) => `- ${line}`).join('\n'),
    '## Targets',
    table(['scenario', 'what', 'measured', 'at most', ''], verdicts.map(verdictRow)),
    ...timed.flatMap((scenario) => [
      `## ${titleOf(scenario)}`,
      `The gateway ${scenario.does}.`,
      scenarioTable(scenario),
    ]),
    ...(starts.length > 0 ? ['## Start', startTable(starts)] : []),
    ...(skipped.length > 0 ? ['## Not measured', [...new Set(skipped)].join('\n')] : []),
  ]
    .join('\n\n')
    .concat('\n')
}

/** One line for the terminal while the bench runs. */
export function progress(scenario: ScenarioResult): string {
  const costs = scenario.contestants.map(
    (one) => `${one.name} ${medianOf(one, 'cpuUs').toFixed(1)} us`,
  )
  const skipped = scenario.skipped.map(({ name, reason }) => `${name} skipped: ${reason}`)
  return `${titleOf(scenario)}: ${[...costs, ...skipped].join(', ')}`
}

function titleOf({ name, width }: Pick<ScenarioResult, 'name' | 'width'>): string {
  return width === 1 ? name : `${name}, ${width} threads`
}

function verdictRow({ scenario, says, most, value }: Verdict): string[] {
  const outcome = value <= most ? 'pass' : '**miss**'
  const isKnown = Number.isFinite(value)
  return [
    scenario,
    says,
    isKnown ? value.toFixed(2) : '-',
    String(most),
    isKnown ? outcome : 'not measured',
  ]
}

function scenarioTable({ contestants }: ScenarioResult): string {
  const head = [
    '',
    'CPU us',
    'requests/s',
    'p50 ms',
    'p99 ms',
    'MB idle',
    'MB loaded',
    'gateway is',
  ]
  return table(
    head,
    contestants.map((one) => [
      one.name,
      medianOf(one, 'cpuUs').toFixed(1),
      medianOf(one, 'requestsPerSecond').toFixed(0),
      medianOf(one, 'p50Ms').toFixed(2),
      medianOf(one, 'p99Ms').toFixed(2),
      one.idleMb.toFixed(0),
      Math.max(...one.timings.map(({ memoryMb }) => memoryMb)).toFixed(0),
      ratioTo(one, contestants),
    ]),
  )
}

/** CPU of the gateway as a multiple of another's: the median of the rounds' ratios. */
function ratioTo(other: ContestantResult, contestants: readonly ContestantResult[]): string {
  const ours = contestants.find(({ name }) => name === 'gateway')
  if (ours === undefined || ours === other) return ''
  const ratios = ours.timings.map(
    ({ cpuUs }, round) => cpuUs / (other.timings[round]?.cpuUs ?? Number.NaN),
  )
  return `${median(ratios).toFixed(2)} x`
}

function startTable(starts: readonly StartResult[]): string {
  return table(
    ['', 'endpoints', 'ms to the first answer', 'MB'],
    starts.map(({ name, endpoints, startMs, memoryMb }) => [
      name,
      endpoints.toLocaleString('en'),
      startMs.toFixed(0),
      memoryMb.toFixed(0),
    ]),
  )
}

function medianOf(
  { timings }: ContestantResult,
  key: 'cpuUs' | 'requestsPerSecond' | 'p50Ms' | 'p99Ms',
): number {
  return median(timings.map((timing) => timing[key]))
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}
