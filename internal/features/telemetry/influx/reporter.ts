import { hostname } from 'node:os'
import type { Pool } from 'undici'
import { parseDuration } from '../../../config/duration.ts'
import { namespace } from '../../../config/types.ts'
import { ConfigError } from '../../../errors.ts'
import type { JsonObject } from '../../../pipe/pipe.ts'
import { trustingContext } from '../../../tls/trusting-context.ts'
import { undici } from '../../../undici.ts'
import type { MainScope } from '../../main-service.ts'
import type { StatsRegistry } from '../metrics/registry.ts'
import { influxLines } from './lines.ts'

const NAMESPACE = 'telemetry/influx'
const LOG_NAME = '[SERVICE: InfluxDB]'
const DEFAULT_TTL = '1m'
const DEFAULT_DB = 'krakend'
const TIMEOUT_MS = 10_000
/** As much of a refusal as a log line shows. */
const SHOWN_TEXT = 200

export type Reporter = { close(): void }

/** Writes what `telemetry/metrics` knows to an InfluxDB 1 each `ttl`; `undefined` unless `telemetry/influx` asks for it. */
export function influxReporter(scope: MainScope, registry: StatsRegistry): Reporter | undefined {
  const config = namespace(scope.config.extraConfig, NAMESPACE)
  if (config === undefined) return undefined
  const { origin, path } = serverOf(config)
  const authorization = credentialsOf(config, scope)
  const { Pool } = undici()
  const pool = new Pool(origin, {
    connections: 1,
    headersTimeout: TIMEOUT_MS,
    bodyTimeout: TIMEOUT_MS,
    connect: {
      timeout: TIMEOUT_MS,
      ...(origin.startsWith('https:') && { secureContext: trustingContext() }),
    },
  })
  const lines = influxLines(hostname())
  let isBusy = false
  let problem = ''
  const report = async (): Promise<void> => {
    // The one before has not ended: its numbers are totals, so nothing is lost by waiting.
    if (isBusy) return
    isBusy = true
    const found = await send(pool, path, authorization, lines(registry.now(), scope.now()))
    isBusy = false
    if (found !== problem && found !== '') scope.log.error(LOG_NAME, found)
    problem = found
  }
  const timer = setInterval(() => void report(), periodMs(config)).unref()
  return {
    close() {
      clearInterval(timer)
      void pool.destroy().catch(() => {})
    },
  }
}

/** Sends one batch; `''` when it was taken, or why it was not. A batch that fails is not kept. */
async function send(
  pool: Pool,
  path: string,
  authorization: Readonly<Record<string, string>>,
  lines: string,
): Promise<string> {
  try {
    const { statusCode, body } = await pool.request({
      method: 'POST',
      path,
      headers: { 'content-type': 'text/plain; charset=utf-8', ...authorization },
      body: lines,
      signal: AbortSignal.timeout(TIMEOUT_MS),
    })
    const text = (await body.text()).slice(0, SHOWN_TEXT)
    return statusCode >= 200 && statusCode < 300 ? '' : `status ${statusCode} ${text}`.trim()
  } catch (thrown) {
    return (thrown as Error).message || String(thrown)
  }
}

function serverOf(config: JsonObject): { origin: string; path: string } {
  const written = String(config['address'] ?? '')
  const address = URL.canParse(written) ? new URL(written) : undefined
  if (address === undefined || !/^https?:$/.test(address.protocol))
    throw new ConfigError([
      {
        place: { path: `extra_config."${NAMESPACE}".address` },
        message: 'must be the URL of an InfluxDB server',
        found: JSON.stringify(written),
        allowed: '"http://influx:8086"',
      },
    ])
  const db = String(config['db'] || DEFAULT_DB)
  const base = address.pathname.replace(/\/+$/, '')
  return {
    origin: address.origin,
    path: `${base}/write?db=${encodeURIComponent(db)}&precision=s`,
  }
}

function credentialsOf(config: JsonObject, scope: MainScope): Record<string, string> {
  const { username, password } = config
  if (typeof username !== 'string' || username === '') return {}
  const secret = String(password ?? '')
  const token = Buffer.from(`${username}:${secret}`).toString('base64')
  if (secret !== '') scope.secret(secret)
  scope.secret(token)
  return { authorization: `Basic ${token}` }
}

function periodMs(config: JsonObject): number {
  const parsed = parseDuration(String(config['ttl'] ?? DEFAULT_TTL))
  if ('ms' in parsed && parsed.ms > 0) return parsed.ms
  throw new ConfigError('ms' in parsed ? 'must be longer than nothing' : parsed.reason, {
    path: `extra_config."${NAMESPACE}".ttl`,
  })
}
