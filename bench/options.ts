import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import { severalThreads } from './cores.ts'

/** What a run measures, and how long. */
export type Options = {
  /** Names of scenarios, `start` among them; empty is all. */
  readonly only: readonly string[]
  readonly rounds: number
  /** Each timing. */
  readonly seconds: number
  /** Each contestant, before the first round: V8 is not done compiling before 5 to 7 seconds. */
  readonly warmSeconds: number
  /** Threads of each gateway: one run for each of these. */
  readonly widths: readonly number[]
  readonly isQuick: boolean
  /** Where the results go; a run of a part does not replace the table of the whole unless told. */
  readonly out: string | undefined
}

const WHOLE = { rounds: 5, seconds: 4, warmSeconds: 7 }
const QUICK = { rounds: 2, seconds: 2, warmSeconds: 5 }
const RESULTS = 'bench/RESULTS.md'

/** Reads the command line. */
export function readOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      only: { type: 'string', default: '' },
      rounds: { type: 'string' },
      seconds: { type: 'string' },
      threads: { type: 'string' },
      quick: { type: 'boolean', default: false },
      out: { type: 'string' },
    },
  })
  const lengths = values.quick ? QUICK : WHOLE
  const only = values.only.split(',').filter(Boolean)
  return {
    only,
    rounds: wholeNumber('--rounds', values.rounds ?? String(lengths.rounds)),
    seconds: wholeNumber('--seconds', values.seconds ?? String(lengths.seconds)),
    warmSeconds: lengths.warmSeconds,
    widths: (values.threads?.split(',') ?? defaultWidths()).map((text) =>
      wholeNumber('--threads', text),
    ),
    isQuick: values.quick,
    out: values.out ?? (values.quick || only.length > 0 ? undefined : RESULTS),
  }
}

function defaultWidths(): string[] {
  const processors = availableParallelism()
  return processors === 1 ? ['1'] : ['1', String(severalThreads(processors))]
}

function wholeNumber(flag: string, text: string): number {
  const value = Number(text)
  if (Number.isInteger(value) && value > 0) return value
  throw new Error(`${flag} ${text}: a whole number above 0 is wanted`)
}
