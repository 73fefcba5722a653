import { getHeapStatistics } from 'node:v8'

/** Go's `runtime.MemStats` as far as Node knows such numbers; the others are 0. */
export type Runtime = Readonly<Record<string, number>>

/** Numbers that Go has and Node has nothing like. */
const UNKNOWN = [
  ...['BuckHashSys', 'DebugGC', 'Frees', 'GCCPUFraction', 'HeapObjects', 'LastGC', 'Lookups'],
  ...['MCacheInuse', 'MCacheSys', 'MSpanInuse', 'MSpanSys', 'Mallocs', 'NumGC', 'PauseTotalNs'],
  ...['StackInuse', 'StackSys'],
]

/** Memory of the process (`Sys`) and of the main thread's heap (all others). */
export function runtimeNow(): Runtime {
  const { rss, heapTotal, heapUsed, external } = process.memoryUsage()
  const { heap_size_limit: limit } = getHeapStatistics()
  return {
    ...Object.fromEntries(UNKNOWN.map((name) => [name, 0])),
    Alloc: heapUsed,
    TotalAlloc: heapUsed + external,
    Sys: rss,
    EnableGC: 1,
    HeapAlloc: heapUsed,
    HeapSys: heapTotal,
    HeapIdle: heapTotal - heapUsed,
    HeapInuse: heapUsed,
    HeapReleased: 0,
    NextGC: limit,
  }
}

/** Names of all of them. */
export const RUNTIME_NAMES: readonly string[] = Object.keys(runtimeNow())
