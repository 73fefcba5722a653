/** One timing of one contestant. */
export type Timing = {
  readonly requestsPerSecond: number
  readonly p50Ms: number
  readonly p99Ms: number
  /** CPU time of the process, threads and children included, by request. */
  readonly cpuUs: number
  /** The most that was resident while it ran. */
  readonly memoryMb: number
}

export type ContestantResult = {
  readonly name: string
  /** Before its first request. */
  readonly idleMb: number
  /** One by round. */
  readonly timings: readonly Timing[]
}

/** How a target came out: the median of its value in each round. */
export type Verdict = {
  readonly scenario: string
  readonly says: string
  readonly most: number
  /** NaN when it was not measured. */
  readonly value: number
}

export type Skipped = { readonly name: string; readonly reason: string }

export type ScenarioResult = {
  readonly name: string
  readonly does: string
  /** Threads of each gateway. */
  readonly width: number
  readonly contestants: readonly ContestantResult[]
  readonly skipped: readonly Skipped[]
  readonly verdicts: readonly Verdict[]
}

export type StartResult = {
  readonly name: string
  readonly endpoints: number
  /** Median, from the start of the process to the first 200 on `/__health`. */
  readonly startMs: number
  readonly memoryMb: number
}

export type Results = {
  /** Machine, versions, command: one line each. */
  readonly about: readonly string[]
  readonly scenarios: readonly ScenarioResult[]
  readonly starts: readonly StartResult[]
  readonly verdicts: readonly Verdict[]
}
