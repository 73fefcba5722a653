import { DEPRECATION_RULES } from './deprecation-rules.ts'
import { ENDPOINT_RULES } from './endpoint-rules.ts'
import type { Rule } from './rule.ts'
import { SERVICE_RULES } from './service-rules.ts'
import { TRAFFIC_RULES } from './traffic-rules.ts'

/** Every rule in the order in which findings are printed. Numbers, severities and messages are KrakenD's. */
export const RULES: readonly Rule[] = [
  ...SERVICE_RULES,
  ...TRAFFIC_RULES,
  ...ENDPOINT_RULES,
  ...DEPRECATION_RULES,
]
