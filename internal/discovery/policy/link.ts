import type { Action, Choice, Policy } from '../choice.ts'
import type { Answer, Failure, Found } from '../discovery.ts'
import { placeOf } from '../place-of.ts'
import { filtered } from './filter.ts'
import { guarded, type Held } from './guard.ts'

/** What came of a look-up, for metrics and explain. */
export type Result = 'success' | 'partial' | 'empty' | Failure

/** What one source of a chain has said so far, after filters and guard. Replaced whole. */
export type Link = {
  /** The last list it gave; `undefined` while there was none. */
  readonly good: readonly Found[] | undefined
  readonly goodAtMs: number | undefined
  readonly isWithdrawn: boolean
  /** Why its last look-up gave no list to rely on; `undefined` while it did, or none has ended. */
  readonly trouble: Result | undefined
  /** The registry said so itself, since its last list: what it said outlives a later outage. */
  readonly denial: 'not-found' | 'empty' | undefined
  readonly held: Held | undefined
  /** What the last answer said, rule by rule. */
  readonly notes: readonly string[]
}

export const NEW_LINK: Link = {
  good: undefined,
  goodAtMs: undefined,
  isWithdrawn: false,
  trouble: undefined,
  denial: undefined,
  held: undefined,
  notes: [],
}

/** What the rules of a link need to know. */
export type LinkRules = Pick<Choice, 'filter' | 'policy' | 'guard'>

/** The link after an answer. */
export function answered(link: Link, answer: Answer, rules: LinkRules, nowMs: number): Link {
  const { instances, notes: dropped } = filtered(answer.instances, rules.filter)
  const notes = [...answer.notes, ...dropped]
  if (answer.isWithdrawn === true)
    return { ...NEW_LINK, good: [], goodAtMs: nowMs, isWithdrawn: true, notes }
  if (answer.isPartial === true && rules.policy.onPartial !== 'drop')
    return partly(link, instances, rules, notes, nowMs)
  if (instances.length === 0) {
    const trouble = answer.isUnknown === true ? 'not-found' : 'empty'
    const said = [...notes, ...filterNote(answer)]
    return { ...link, trouble, denial: trouble, isWithdrawn: false, notes: said }
  }
  const taken = guarded(link.good, instances, link.held, rules.guard, nowMs)
  return {
    good: taken.instances,
    goodAtMs: nowMs,
    isWithdrawn: false,
    trouble: undefined,
    denial: undefined,
    held: taken.held,
    notes: [...notes, ...taken.notes],
  }
}

/** The link after a look-up that failed. */
export function failed(link: Link, failure: Failure, message: string): Link {
  const denial = failure === 'not-found' ? failure : link.denial
  return { ...link, trouble: failure, denial, notes: [message] }
}

/** The link when the guard has waited long enough. */
export function believed(link: Link, nowMs: number, { guard }: LinkRules): Link {
  const { held } = link
  if (held === undefined || nowMs - held.sinceMs < guard.holdMs) return link
  const note = `guard: the answer lasted ${guard.holdMs} ms and is believed`
  return { ...link, good: held.next, held: undefined, notes: [...link.notes, note] }
}

/** A part adds and never removes. */
function partly(
  link: Link,
  instances: readonly Found[],
  { policy }: LinkRules,
  notes: readonly string[],
  nowMs: number,
): Link {
  const named = new Set(instances.map(placeOf))
  const missing = (link.good ?? []).filter((instance) => !named.has(placeOf(instance)))
  const union = [...instances, ...missing]
  const hasList = union.length > 0
  return {
    ...link,
    good: hasList ? union : link.good,
    goodAtMs: hasList ? nowMs : link.goodAtMs,
    isWithdrawn: false,
    trouble: !hasList || policy.onPartial === 'fallback' ? 'partial' : undefined,
    denial: hasList ? undefined : link.denial,
    notes: [
      ...notes,
      ...missing.map((instance) => `kept ${placeOf(instance)}: the answer was only a part`),
    ],
  }
}

const filterNote = ({ instances }: Answer): string[] =>
  instances.length === 0 ? [] : [`none of ${instances.length} instances is wanted`]

/** What the policy says to a link's trouble: an outage takes nothing back of what the registry said before. */
export function actionOf(
  { trouble, denial }: Link,
  policy: Policy,
  hasNameDefault: boolean,
): Action {
  const denied = denial === undefined ? 'keep' : actionFor(policy, denial, hasNameDefault)
  return denied === 'keep' ? actionFor(policy, trouble ?? 'unreachable', hasNameDefault) : denied
}

function actionFor(policy: Policy, trouble: Result, hasNameDefault: boolean): Action {
  switch (trouble) {
    case 'not-found':
      return policy.onNotFound ?? (hasNameDefault ? 'fallback' : 'keep')
    case 'empty':
      return policy.onEmpty
    case 'partial':
      return policy.onPartial
    default:
      return policy.onUnreachable
  }
}
