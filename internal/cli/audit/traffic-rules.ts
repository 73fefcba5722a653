import { type Rule, rule, type Test } from './rule.ts'
import {
  anyEndpoint,
  belowService,
  exporters,
  has,
  part,
  pluginNames,
  type Subject,
  usesOpencensus,
} from './subject.ts'

/** Limits, time-outs and telemetry. */
export const TRAFFIC_RULES: readonly Rule[] = [
  rule(
    '3.1.1',
    'LOW',
    'Enable a bot detector.',
    (s) => part(s.config, 'security/bot-detector') === undefined,
  ),
  rule(
    '3.1.2',
    'HIGH',
    'Implement a rate-limiting strategy and avoid having an All-You-Can-Eat API.',
    (s) => !hasRateLimit(s),
  ),
  rule(
    '3.1.3',
    'HIGH',
    'Protect your backends with a circuit breaker.',
    (s) => !belowService(s, 'qos/circuit-breaker'),
  ),
  rule(
    '3.3.1',
    'LOW',
    'Set timeouts to below 3 seconds for improved performance.',
    timeoutOver(3_000),
  ),
  rule(
    '3.3.2',
    'MEDIUM',
    'Set timeouts to below 5 seconds for improved performance.',
    timeoutOver(5_000),
  ),
  rule(
    '3.3.3',
    'HIGH',
    'Set timeouts to below 30 seconds for improved performance.',
    timeoutOver(30_000),
  ),
  rule(
    '3.3.4',
    'CRITICAL',
    'Set timeouts to below 1 minute for improved performance.',
    timeoutOver(60_000),
  ),
  rule(
    '4.1.1',
    'MEDIUM',
    'Implement a telemetry system for collecting metrics for monitoring and troubleshooting.',
    (s) => metricSystems(s) === 0,
  ),
  rule(
    '4.1.3',
    'HIGH',
    'Avoid duplicating telemetry options to prevent system overload.',
    (s) =>
      metricSystems(s) +
        exporters(s, 'prometheus', 'disable_metrics') +
        exporters(s, 'otlp', 'disable_metrics') >
      1,
  ),
  rule(
    '4.2.1',
    'MEDIUM',
    'Implement a telemetry system for tracing for monitoring and troubleshooting.',
    (s) =>
      !usesOpencensus(s) &&
      !has(s.config, 'telemetry/newrelic') &&
      !has(s.config, 'telemetry/instana') &&
      exporters(s, 'otlp', 'disable_traces') === 0,
  ),
  rule(
    '4.3.1',
    'MEDIUM',
    'Use the improved logging component for better log parsing.',
    (s) =>
      !['telemetry/logging', 'telemetry/gelf', 'telemetry/logstash'].some((name) =>
        has(s.config, name),
      ),
  ),
]

function timeoutOver(limitMs: number): Test {
  return (s) => anyEndpoint(s, ({ timeoutMs }) => Math.trunc(timeoutMs) > limitMs)
}

function hasRateLimit(s: Subject): boolean {
  return (
    has(s.config, 'qos/ratelimit/router') ||
    anyEndpoint(s, (endpoint) => has(endpoint, 'qos/ratelimit/router')) ||
    belowService(s, 'qos/ratelimit/proxy') ||
    has(s.config, 'qos/ratelimit/service') ||
    pluginNames(s.config, 'plugin/http-server').includes('redis-ratelimit')
  )
}

function metricSystems(s: Subject): number {
  const names = ['metrics', 'newrelic', 'ganalytics', 'instana'].map((name) => `telemetry/${name}`)
  return names.filter((name) => has(s.config, name)).length + (usesOpencensus(s) ? 1 : 0)
}
