import { findProgram } from './programs/find-program.ts'

/** Who runs on which processors of the machine. */
export type Cores = {
  /** Where each gateway is pinned. */
  readonly gateway: readonly number[]
  /** Where load and upstream are pinned; the gateway's own when none are left. */
  readonly load: readonly number[]
}

const MOST_THREADS = 8

/** How many threads "N threads" are here: half the processors, so that load and upstream have the other half. */
export function severalThreads(processors: number): number {
  return Math.min(MOST_THREADS, Math.max(2, Math.floor(processors / 2)))
}

/** The first `width` processors for the gateways, the others for what drives them. */
export function splitCores(processors: number, width: number): Cores {
  const all = Array.from({ length: processors }, (_, core) => core)
  const rest = all.slice(width)
  return { gateway: all.slice(0, width), load: rest.length > 0 ? rest : all }
}

/** The words in front of a command that keep it on `cores`; none where taskset is missing. */
export function pinned(cores: readonly number[]): string[] {
  const taskset = findProgram('taskset')
  return taskset === undefined ? [] : [taskset, '-c', cores.join(',')]
}
