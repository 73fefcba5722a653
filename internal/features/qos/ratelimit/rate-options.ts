import { parseDuration } from '../../../config/duration.ts'
import type { JsonObject } from '../../../pipe/pipe.ts'
import { numberAt, textAt, unusable } from '../options.ts'

const SECOND_MS = 1000

/** 0 when absent or negative: no limit, as in KrakenD. */
export const rateAt = (config: JsonObject, key: string, path: string): number =>
  Math.max(0, numberAt(config, key, path))

/** In milliseconds; a second when absent. */
export function everyMsAt(config: JsonObject, path: string): number {
  if ((config['every'] ?? null) === null) return SECOND_MS
  const every = textAt(config, 'every', path)
  const parsed = parseDuration(every)
  if ('ms' in parsed) return parsed.ms
  throw unusable(every, `${path}.every`, parsed.reason, 'a duration such as 30s or 1h30m')
}
