import { parseDuration } from '../../../config/duration.ts'
import { type Options, unusable } from '../../../config/options.ts'

const SECOND_MS = 1000

/** 0 when absent or negative: no limit, as in KrakenD. */
export const rateIn = (options: Options, key: string): number =>
  Math.max(0, options.number(key) ?? 0)

/** In milliseconds; a second when absent. */
export function everyMsIn(options: Options): number {
  if (!options.has('every')) return SECOND_MS
  const every = options.text('every')
  const parsed = parseDuration(every)
  if ('ms' in parsed) return parsed.ms
  throw unusable(every, options.path('every'), parsed.reason, 'a duration such as 30s or 1h30m')
}
