import { type Change, changeBetween, remember } from './changes.ts'
import type { Choice } from './choice.ts'
import type { Found } from './discovery.ts'
import { applyOverrides, type Override } from './overrides.ts'
import { placeOf } from './place-of.ts'
import { type Decision, decide, type Standing } from './policy/chain.ts'
import {
  answered,
  believed,
  failed,
  type Link,
  type LinkRules,
  NEW_LINK,
  type Result,
} from './policy/link.ts'
import { Ramp } from './policy/ramp.ts'
import type { Outcome, PollState } from './poll.ts'
import type { Timer } from './poll-timing.ts'

/** The hosts of a service as a backend wants them, and how that came. Replaced whole. */
export type PoolState = PollState & {
  /** `undefined` while nobody ever named any. */
  readonly instances: readonly Found[] | undefined
  readonly isWithdrawn: boolean
  /** Counts changes of the list. */
  readonly version: number
  /** What each source of the chain said last, step by step. */
  readonly notes: readonly string[]
  /** Which rules chose this list. */
  readonly rules: readonly string[]
  /** Which link of the chain serves; 0 is the backend's own source. */
  readonly from: number
  /** When the list was last confirmed; `undefined`: never. */
  readonly answeredAtMs: number | undefined
  readonly changes: readonly Change[]
  readonly overrides: readonly Override[]
  /** Instances that active checks have taken out, by place, and why. */
  readonly down: ReadonlyMap<string, string>
  /** The guard waits with an answer that would remove many. */
  readonly isHolding: boolean
  /** A snapshot file stands in until the first answer. */
  readonly isFromFile: boolean
}

/** A source of the chain: polled, or a list that stands in the configuration. */
export type PoolLink = {
  readonly name: string
  readonly fixed: readonly Found[] | undefined
  /** What the service's name itself names, where it is polled. */
  readonly nameDefault: () => readonly Found[]
}

export type PoolOptions = {
  readonly choice: Choice
  readonly links: readonly PoolLink[]
  readonly now: () => number
  readonly timer: Timer
  /** Told of each step, with the change of the list if there was one. */
  readonly tell: (state: PoolState, result: Result | undefined, change: Change | undefined) => void
}

const NOTHING: PoolState = {
  instances: undefined,
  isWithdrawn: false,
  version: 0,
  isAsking: false,
  failures: 0,
  notes: [],
  rules: [],
  from: 0,
  answeredAtMs: undefined,
  nextAtMs: undefined,
  lastError: undefined,
  changes: [],
  overrides: [],
  down: new Map(),
  isHolding: false,
  isFromFile: false,
}

/** Applies filters, policy, guard, chain, overrides and slow start to what polls hear: once per way to want a list. */
export class Pool {
  state: PoolState = NOTHING
  readonly #options: PoolOptions
  readonly #rules: LinkRules
  readonly #links: Link[]
  readonly #ramp: Ramp
  #overrides: readonly Override[] = []
  #lastList: readonly Found[] | undefined
  #down: ReadonlyMap<string, string> = new Map()
  /** The list before active checks take anybody out: whom they ask. */
  listed: readonly Found[] = []
  #cancelTimer = () => {}

  constructor(options: PoolOptions) {
    const { choice, links } = options
    this.#options = options
    this.#rules = choice
    this.#ramp = new Ramp(choice.slowStartMs)
    this.#links = links.map(({ fixed }) =>
      fixed === undefined
        ? NEW_LINK
        : { ...NEW_LINK, good: fixed, notes: ['written in the configuration'] },
    )
  }

  /** Begins with the list that stands in the configuration, where nobody is asked for it. */
  open(): void {
    if (this.#options.links[0]?.fixed !== undefined) this.#publish({}, undefined)
  }

  /** Takes over a list of an earlier run: it serves until the first answer, by the same policy as any old list. */
  standIn(instances: readonly Found[], atMs: number): void {
    const note = `read from the snapshot file, written ${new Date(atMs).toISOString()}`
    this.#links[0] = { ...NEW_LINK, good: instances, goodAtMs: atMs, notes: [note] }
    this.#publish({ isFromFile: true }, undefined)
  }

  /** A poll of the chain went on; `outcome` when a look-up ended. */
  heard(at: number, state: PollState, outcome: Outcome | undefined): void {
    if (outcome !== undefined) this.#links[at] = this.#after(at, outcome)
    const ofPoll = at === 0 ? state : {}
    const isFirst = at === 0 && outcome !== undefined
    this.#publish(
      { ...ofPoll, ...(isFirst ? { isFromFile: false } : {}) },
      isFirst ? outcome.result : undefined,
    )
  }

  /** Operators' wishes, already those that are about this list. */
  override(overrides: readonly Override[]): void {
    this.#overrides = overrides
    this.#publish({}, undefined)
  }

  /** What active checks found: who is down, by place and with the reason. */
  checked(down: ReadonlyMap<string, string>): void {
    this.#down = down
    this.#publish({}, undefined)
  }

  close(): void {
    this.#cancelTimer()
  }

  #after(at: number, outcome: Outcome): Link {
    const { result, answer, message } = outcome
    const link = this.#links[at] ?? NEW_LINK
    if (answer !== undefined) return answered(link, answer, this.#rules, this.#options.now())
    return failed(
      link,
      result === 'not-found' || result === 'broken' ? result : 'unreachable',
      message,
    )
  }

  /** The links with the lists that always stand, as the policy sees them. */
  #standing(): Standing[] {
    return this.#options.links.flatMap(({ name, fixed, nameDefault }, at) => {
      const link = this.#links[at] ?? NEW_LINK
      const named = nameDefault()
      const hasNameDefault = named.length > 0
      const own = { name, link, isFixed: fixed !== undefined, hasNameDefault }
      if (!hasNameDefault) return [own]
      const standIn = {
        ...NEW_LINK,
        good: named,
        notes: ['named as default by the service itself'],
      }
      return [
        own,
        { name: `default of ${name}`, link: standIn, isFixed: true, hasNameDefault: false },
      ]
    })
  }

  #publish(changed: Partial<PoolState>, result: Result | undefined): void {
    const { now, choice } = this.#options
    const nowMs = now()
    for (const [at, link] of this.#links.entries())
      this.#links[at] = believed(link, nowMs, this.#rules)
    const standing = this.#standing()
    const decision = decide(standing, choice.policy, nowMs)
    const overrides = this.#overrides.filter(({ untilMs }) => untilMs > nowMs)
    const wanted = applyOverrides(decision.instances, overrides)
    this.listed = wanted ?? []
    const well = wanted === undefined ? undefined : withoutDown(wanted, this.#down)
    const instances = well === undefined ? undefined : this.#ramp.at(well, nowMs)
    this.#step(changed, { decision, instances, overrides, standing }, result)
    this.#schedule(decision, overrides, nowMs)
  }

  #step(
    changed: Partial<PoolState>,
    { decision, instances, overrides, standing }: Chosen,
    result: Result | undefined,
  ): void {
    const last = this.state
    const atMs = this.#options.now()
    const isSame = instances === undefined || instances === this.#lastList
    const change = isSame ? undefined : changeBetween(last.instances ?? [], instances, atMs)
    this.#lastList = instances
    const isNew =
      change !== undefined || (instances === undefined) !== (last.instances === undefined)
    const serving = standing[decision.from]
    this.state = {
      ...last,
      ...changed,
      // The old array stays while nothing changed: who compares references sees that.
      instances: isNew ? instances : last.instances,
      isWithdrawn: decision.isWithdrawn,
      version: isNew ? last.version + 1 : last.version,
      notes: standing.flatMap(({ name, link }) => noted(name, link, standing.length > 1)),
      rules: decision.rules,
      from: decision.from,
      answeredAtMs: serving?.isFixed === true ? last.answeredAtMs : serving?.link.goodAtMs,
      changes: change === undefined ? last.changes : remember(last.changes, change),
      overrides,
      down: this.#down,
      isHolding: this.#links.some(({ held }) => held !== undefined),
    }
    this.#options.tell(this.state, result, change)
  }

  /** What changes by itself: a list grows too old, the guard has waited, weights ramp up, an override ends. */
  #schedule({ staleAtMs }: Decision, overrides: readonly Override[], nowMs: number): void {
    this.#cancelTimer()
    const { guard } = this.#rules
    const due = [
      staleAtMs,
      this.#ramp.nextAtMs(nowMs),
      ...this.#links.map(({ held }) =>
        held === undefined ? undefined : held.sinceMs + guard.holdMs,
      ),
      ...overrides.map(({ untilMs }) => untilMs),
    ].filter((atMs) => atMs !== undefined)
    if (due.length === 0) return
    const delayMs = Math.min(Math.max(1, Math.min(...due) - nowMs), LONGEST_TIMER_MS)
    this.#cancelTimer = this.#options.timer(delayMs, () => this.#publish({}, undefined))
  }
}

type Chosen = {
  readonly decision: Decision
  readonly instances: readonly Found[] | undefined
  readonly overrides: readonly Override[]
  readonly standing: readonly Standing[]
}

/** When nobody is well it is not the instances: all of them stay. */
function withoutDown(list: readonly Found[], down: ReadonlyMap<string, string>): readonly Found[] {
  if (down.size === 0) return list
  const well = list.filter((instance) => !down.has(placeOf(instance)))
  if (well.length === list.length) return list
  return well.length === 0 ? list : well
}

/** Node's timers hold 31 bits. */
const LONGEST_TIMER_MS = 2 ** 31 - 1

const noted = (name: string, { notes }: Link, isNamed: boolean): string[] =>
  isNamed ? notes.map((note) => `${name}: ${note}`) : [...notes]
