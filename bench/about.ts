import { availableParallelism, cpus, loadavg, release, totalmem } from 'node:os'
import { pinned, splitCores } from './cores.ts'
import type { Options } from './options.ts'
import { programs } from './programs/table.ts'

const BYTES_PER_GB = 2 ** 30

/** What must be known to read the figures: machine, versions, how it was run. */
export function aboutThisRun(options: Options, args: readonly string[]): string[] {
  const { rounds, seconds, warmSeconds, widths } = options
  const processors = availableParallelism()
  const versions = Object.values(programs)
    .filter(({ missing }) => missing() === undefined)
    .map(({ version }) => version())
  const given = process.env['KRAKEND'] === undefined ? '' : 'KRAKEND=path '
  return [
    `Machine: ${processors} processors (${cpus()[0]?.model.trim() ?? 'unknown'}), ${Math.round(totalmem() / BYTES_PER_GB)} GB, Linux ${release()}`,
    `Load average before the start: ${loadavg()[0]?.toFixed(2) ?? 'unknown'} (anything above 0.3 is the work of others, and moves the figures)`,
    `Versions: ${versions.join('; ')}`,
    `Command: \`${[`${given}npm run bench`, ...(args.length > 0 ? ['--', ...args] : [])].join(' ')}\``,
    `Load: wrk, 64 connections; ${rounds} rounds of ${seconds} s each, after ${warmSeconds} s of warm-up for each; medians`,
    ...widths.map((width) => pins(processors, width)),
  ]
}

function pins(processors: number, width: number): string {
  const { gateway, load } = splitCores(processors, width)
  const threads = `${width} thread${width === 1 ? '' : 's'}`
  if (pinned(gateway).length === 0) return `With ${threads}: nothing is pinned (no taskset)`
  return `With ${threads}: each gateway on processor ${gateway.join(', ')}; load and upstream on ${load.join(', ')}`
}
