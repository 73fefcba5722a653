/** How many request threads, and why: the start line says both. */
export type WorkerCount = { readonly count: number; readonly reason: string }

export type Machine = {
  /** `os.availableParallelism()`: the processors, or the container's CPU quota. */
  readonly processors: number
  /** `process.constrainedMemory()`: bytes; 0 or a huge value is no limit. */
  readonly memoryLimit: number
  /** Whether several threads can share a port (`SO_REUSEPORT`, Linux). */
  readonly canShareAPort: boolean
}

const MOST_WORKERS = 8
const MEGABYTE = 1 << 20
/** About what one request thread needs. */
const WORKER_MB = 50
/** No machine has this much: cgroups write such values for "no limit". */
const NO_LIMIT = 2 ** 50

/** `--workers`, or as many as processors, memory and eight allow. */
export function workerCount(wanted: number | undefined, machine: Machine): WorkerCount {
  if (!machine.canShareAPort)
    return { count: 1, reason: 'threads cannot share a port on this system' }
  if (wanted !== undefined) return { count: wanted, reason: 'as configured' }
  const { processors, memoryLimit } = machine
  const isLimited = memoryLimit > 0 && memoryLimit < NO_LIMIT
  const fitting = isLimited
    ? Math.max(1, Math.floor(memoryLimit / 2 / (WORKER_MB * MEGABYTE)))
    : MOST_WORKERS
  const count = Math.min(processors, MOST_WORKERS, fitting)
  const words = plural(processors, 'processor')
  if (count === processors) return { count, reason: words }
  if (count === fitting && isLimited)
    return { count, reason: `${Math.floor(memoryLimit / MEGABYTE)} MB memory limit, ${words}` }
  return { count, reason: `${words}, at most ${MOST_WORKERS}` }
}

const plural = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`
