/** `[ until: 43 bits of milliseconds | ejections: 20 ]`: one word that changes with every ejection from a list. */
const UNTIL_AT = 20n
const COUNT_MASK = 2n ** UNTIL_AT - 1n

/** When the last of all that were ever taken out comes back. */
export const lastsUntil = (news: bigint): number => Number(news >> UNTIL_AT)

/** The news once one more host is out until then. */
export function afterEjection(news: bigint, untilMs: number): bigint {
  const until = Math.max(lastsUntil(news), Math.ceil(untilMs))
  return (BigInt(until) << UNTIL_AT) | ((news + 1n) & COUNT_MASK)
}
