import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { runCase } from './run-case.ts'
import { type NamedSpec, readSpecs, type Spec, withBetter } from './spec.ts'

const OUTPUT_SHOWN = 1500

export type RunOptions = {
  readonly workers: number
  /** How many cases run at a time. */
  readonly concurrency: number
  /** Only cases whose path contains this. */
  readonly only?: string | undefined
}

/** Registers every case with node's test runner. */
export async function registerSpecs(options: RunOptions): Promise<void> {
  const specs = await readSpecs(import.meta.dirname)
  const { only = '', workers, concurrency } = options
  describe(`specs with ${workers} worker${workers === 1 ? '' : 's'}`, { concurrency }, () => {
    for (const named of specs) if (named.file.includes(only)) register(named, options)
  })
}

function register({ file, spec }: NamedSpec, { workers }: RunOptions): void {
  test(`${file.replace(/\.json$/, '')}: ${spec.name}`, async (context) => {
    const { problems, output } = await runCase(withBetter(spec), workers)
    if (problems.length === 0) return
    if (isFreeToDiffer(spec)) context.skip(`differs: KrakenD's answer is a bug: ${spec.krakendBug}`)
    else assert.fail(`${problems.join('\n')}\n--- it printed\n${output.slice(-OUTPUT_SHOWN)}`)
  })
}

/** A recorded bug need not be copied; once a better answer is written down, that one must be given. */
const isFreeToDiffer = (spec: Spec): boolean =>
  spec.krakendBug !== undefined && spec.better === undefined
