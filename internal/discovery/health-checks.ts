import type { ActiveChecks } from './choice.ts'
import type { Found, Instance, Scheme } from './discovery.ts'
import { placeOf } from './place-of.ts'
import type { Timer } from './poll-timing.ts'

/** Asks one instance: why it is not well, or `undefined` when it is. Never rejects. */
export type CheckCall = (
  instance: Instance,
  path: string,
  timeoutMs: number,
) => Promise<string | undefined>

/** Who asks instances for the process. */
export type Checker = { readonly call: CheckCall; close(): Promise<void> }

export type HealthCheckOptions = {
  readonly checks: ActiveChecks
  /** For instances whose source names none. */
  readonly scheme: Scheme
  readonly call: CheckCall
  readonly timer: Timer
  readonly random: () => number
  /** Told which are down, by place and with the reason, whenever that changes. */
  readonly tell: (down: ReadonlyMap<string, string>) => void
}

/** So many checks in a row change what is believed of an instance. */
const FAILURES_TO_DOWN = 3
const SUCCESSES_TO_UP = 2
/** Checks are spread, so that not all instances are asked at once. */
const SPREAD = 0.5
/** Checks under way at once for one list. */
const MOST_AT_ONCE = 32

type Checked = { failures: number; successes: number; reason: string | undefined }

/** Asks every instance of one list again and again, once for the whole process. */
export class HealthChecks {
  readonly #options: HealthCheckOptions
  readonly #known = new Map<string, Checked>()
  #list: readonly Found[] = []
  #cancelTimer = () => {}
  #isRunning = false
  #isClosed = false

  constructor(options: HealthCheckOptions) {
    this.#options = options
  }

  /** From now on these instances are asked. A new one counts as well until it is not. */
  follow(list: readonly Found[]): void {
    if (list === this.#list) return
    this.#list = list
    const places = new Set(list.map(placeOf))
    for (const place of this.#known.keys()) if (!places.has(place)) this.#known.delete(place)
    if (!this.#isRunning && !this.#isClosed) {
      this.#isRunning = true
      void this.#round()
    }
  }

  close(): void {
    this.#isClosed = true
    this.#cancelTimer()
  }

  async #round(): Promise<void> {
    const waiting = [...this.#list]
    const worker = async () => {
      for (let next = waiting.pop(); next !== undefined; next = waiting.pop())
        if (!this.#isClosed) await this.#check(next)
    }
    await Promise.all(Array.from({ length: MOST_AT_ONCE }, worker))
    if (this.#isClosed) return
    const { timer, random, checks } = this.#options
    const delayMs = checks.intervalMs * (1 - SPREAD / 2 + SPREAD * random())
    this.#cancelTimer = timer(delayMs, () => void this.#round())
  }

  async #check(found: Found): Promise<void> {
    const { checks, scheme, call } = this.#options
    const instance = { ...found, scheme: found.scheme ?? scheme }
    const reason = await call(instance, checks.path, checks.timeoutMs)
    const place = placeOf(found)
    if (this.#isClosed || !this.#list.some((one) => placeOf(one) === place)) return
    const known = this.#known.get(place) ?? { failures: 0, successes: 0, reason: undefined }
    const wasDown = known.reason !== undefined
    known.failures = reason === undefined ? 0 : known.failures + 1
    known.successes = reason === undefined ? known.successes + 1 : 0
    if (known.failures >= FAILURES_TO_DOWN) known.reason = reason
    else if (known.successes >= SUCCESSES_TO_UP) known.reason = undefined
    this.#known.set(place, known)
    if (wasDown !== (known.reason !== undefined)) this.#tell()
  }

  #tell(): void {
    const down = [...this.#known].flatMap(([place, { reason }]): [string, string][] =>
      reason === undefined ? [] : [[place, reason]],
    )
    this.#options.tell(new Map(down))
  }
}
