/** What all threads know of a host's failures. */
export type HealthWord = {
  /** In a row. */
  readonly failures: number
  /** How often it was taken out. */
  readonly times: number
  /** 0 while it never was. */
  readonly outUntilMs: number
}

export const NO_TROUBLE: HealthWord = { failures: 0, times: 0, outUntilMs: 0 }

/** `[ until: 43 bits of milliseconds | times: 8 | failures: 12 ]`: 278 years of one process. */
const TIMES_AT = 12n
const UNTIL_AT = 20n
const MOST_FAILURES = 2 ** 12 - 1
const MOST_TIMES = 2 ** 8 - 1

/** One 64-bit word as what it means. */
export function readWord(word: bigint): HealthWord {
  return {
    failures: Number(word & BigInt(MOST_FAILURES)),
    times: Number((word >> TIMES_AT) & BigInt(MOST_TIMES)),
    outUntilMs: Number(word >> UNTIL_AT),
  }
}

/** The word that means this. */
export function writtenWord({ failures, times, outUntilMs }: HealthWord): bigint {
  const until = BigInt(Math.ceil(Math.max(0, outUntilMs)))
  return (
    (until << UNTIL_AT) |
    (BigInt(Math.min(times, MOST_TIMES)) << TIMES_AT) |
    BigInt(Math.min(failures, MOST_FAILURES))
  )
}
