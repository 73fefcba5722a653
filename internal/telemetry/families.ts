import { INSTRUMENT_FAMILIES } from './instruments.ts'
import { FAMILIES, type Family } from './metrics.ts'
import { OPENCENSUS_FAMILIES } from './opencensus-families.ts'
import { STATS_FAMILIES } from './stats-families.ts'

/** Every family that any thread may count into, whoever shows it. */
export const ALL_FAMILIES: readonly Family[] = [
  ...FAMILIES,
  ...INSTRUMENT_FAMILIES,
  ...STATS_FAMILIES,
  ...OPENCENSUS_FAMILIES,
]
