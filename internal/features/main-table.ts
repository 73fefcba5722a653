import { agentService } from './async/service.ts'
import { tokenService } from './auth/client-credentials/service.ts'
import { keyService } from './auth/jwk/service.ts'
import { revokerService } from './auth/revoker/service.ts'
import { inboxService } from './backend/inbox/service.ts'
import type { MainService } from './main-service.ts'
import { httpCacheService } from './qos/http-cache/service.ts'
import { statsService } from './telemetry/metrics/service.ts'
import { openCensusService } from './telemetry/opencensus/service.ts'
import { openTelemetryService } from './telemetry/opentelemetry/service.ts'

/** Every feature's part in the main thread. To add one: its file beside the feature, one line here. */
export const mainServices: readonly MainService[] = [
  keyService,
  revokerService,
  tokenService,
  agentService,
  inboxService,
  httpCacheService,
  openTelemetryService,
  openCensusService,
  statsService,
]
