import type { ServiceConfig } from '../../../config/types.ts'
import type { Meters } from '../../../telemetry/metrics.ts'
import { spanRecorder } from '../../../telemetry/otlp/span-recorder.ts'
import type { Scope } from '../../feature.ts'
import { NAMESPACE, type OtelConfig, otelConfig } from './config.ts'
import { type Propagation, propagation } from './propagation.ts'
import { type Tracer, tracer } from './tracer.ts'

/** What all layers of a gateway share. */
export type Telemetry = {
  readonly config: OtelConfig
  /** `undefined`: no exporter takes metrics. */
  readonly meters: Meters | undefined
  /** `undefined`: no exporter takes traces. */
  readonly tracer: Tracer | undefined
  readonly propagation: Propagation
  /** Whether an endpoint is left out of everything, by its route or as the configuration writes it. */
  skips(route: string, endpoint: string): boolean
}

const known = new WeakMap<Scope, Telemetry | null>()

/** The telemetry of a gateway, made when its first layer asks; `undefined` when there is none. */
export function telemetryOf(scope: Scope, service: ServiceConfig): Telemetry | undefined {
  const found = known.get(scope)
  if (found !== undefined) return found ?? undefined
  const config = otelConfig(service)
  const made = config === undefined ? undefined : telemetry(config, scope)
  known.set(scope, made ?? null)
  return made
}

function telemetry(config: OtelConfig, scope: Scope): Telemetry {
  const { skipPaths } = config
  return {
    config,
    meters: config.hasMetrics ? scope.meters : undefined,
    tracer: config.hasTraces ? sendingTracer(config, scope) : undefined,
    propagation: propagation(process.env['OTEL_PROPAGATORS']),
    skips: (route, endpoint) => skipPaths.has(route) || skipPaths.has(endpoint),
  }
}

/** Spans go to the main thread, which exports those of all threads. */
function sendingTracer(config: OtelConfig, scope: Scope): Tracer {
  const dropped = scope.meters.counter('gateway_spans_dropped_total')
  const recorder = spanRecorder({
    // One byte a character: strings like these cross threads as they are.
    send: (spans, count) => scope.ask(NAMESPACE, { spans: spans.toString('latin1'), count }),
    onDropped: (count) => dropped.add(count),
    now: scope.now,
  })
  scope.onClose(() => recorder.flush())
  return tracer({ sampleRate: config.sampleRate, recorder, random: scope.random })
}
