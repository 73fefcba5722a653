import type { Policy } from '../choice.ts'
import type { Found } from '../discovery.ts'
import { actionOf, type Link } from './link.ts'

/** One source of a chain as it stands. */
export type Standing = {
  /** For explain: `consul orders`, `default of the name`, `static`. */
  readonly name: string
  readonly link: Link
  /** A list that is always there. */
  readonly isFixed: boolean
  /** What its service's name itself names for when nothing is known. */
  readonly hasNameDefault: boolean
}

/** Who serves, and until when that holds by itself. */
export type Decision = {
  /** `undefined`: nobody has said anything yet. */
  readonly instances: readonly Found[] | undefined
  readonly isWithdrawn: boolean
  /** Index of the link that serves. */
  readonly from: number
  /** When the list will have grown too old; `undefined`: never. */
  readonly staleAtMs: number | undefined
  /** Which rule chose, link by link. */
  readonly rules: readonly string[]
}

/** Where something may stand in, the last list is not kept for ever. */
const STALE_WITH_FALLBACK_MS = 3_600_000

/** Goes along the chain to the first link whose list may serve. */
export function decide(links: readonly Standing[], policy: Policy, nowMs: number): Decision {
  const maxStaleMs =
    policy.maxStaleMs ?? (links.length > 1 ? STALE_WITH_FALLBACK_MS : Number.POSITIVE_INFINITY)
  const rules: string[] = []
  for (const [from, { name, link, isFixed, hasNameDefault }] of links.entries()) {
    const { good, goodAtMs = nowMs, trouble } = link
    const staleAtMs = goodAtMs + maxStaleMs
    const serves = (why: string, aging: boolean): Decision => ({
      instances: good,
      isWithdrawn: link.isWithdrawn,
      from,
      staleAtMs: aging && Number.isFinite(staleAtMs) ? staleAtMs : undefined,
      rules: [...rules, `${name}: ${why}`],
    })
    if (trouble === undefined) {
      if (isFixed) return serves('its list stands in', false)
      if (good !== undefined) return serves('its answer serves', false)
      return { ...UNKNOWN, from, rules: [...rules, `${name}: its first answer is awaited`] }
    }
    const action = actionOf(link, policy, hasNameDefault)
    if (action === 'drop' && (good !== undefined || isDefinite(trouble)))
      return dropped(from, [...rules, `${name}: ${trouble}, and the policy is to drop`])
    if (action === 'keep' && good !== undefined && nowMs < staleAtMs)
      return serves(`${trouble}, its last list is kept`, true)
    rules.push(`${name}: ${trouble}, ${passedOver(link, action, nowMs < staleAtMs)}`)
  }
  return nothing(links, maxStaleMs, nowMs, rules)
}

/** Without anybody to fall back on, a list that is not too old is better than none. */
function nothing(
  links: readonly Standing[],
  maxStaleMs: number,
  nowMs: number,
  rules: readonly string[],
): Decision {
  for (const [from, { name, link }] of links.entries()) {
    const { good, goodAtMs = nowMs } = link
    if (good === undefined || nowMs >= goodAtMs + maxStaleMs) continue
    const staleAtMs = goodAtMs + maxStaleMs
    return {
      instances: good,
      isWithdrawn: link.isWithdrawn,
      from,
      staleAtMs: Number.isFinite(staleAtMs) ? staleAtMs : undefined,
      rules: [...rules, `${name}: nobody stands in, its last list is kept`],
    }
  }
  const hasHadList = links.some(({ link }) => link.good !== undefined)
  if (hasHadList) return dropped(0, [...rules, 'every list is older than max_stale'])
  return { ...UNKNOWN, rules }
}

const UNKNOWN = { instances: undefined, isWithdrawn: false, from: 0, staleAtMs: undefined } as const

const dropped = (from: number, rules: readonly string[]): Decision => ({
  instances: [],
  isWithdrawn: false,
  from,
  staleAtMs: undefined,
  rules,
})

/** A registry that answered said so; one that was not reached said nothing. */
const isDefinite = (trouble: string): boolean => trouble === 'not-found' || trouble === 'empty'

const passedOver = ({ good }: Link, action: string, isFresh: boolean): string => {
  if (good === undefined) return 'and it never gave a list'
  return action === 'keep' && !isFresh
    ? 'and its last list is older than max_stale'
    : 'the next is asked'
}
