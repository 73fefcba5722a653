import { hash } from 'node:crypto'
import { availableParallelism } from 'node:os'
import { type AdminListener, type AdminRoute, adminListener } from '../admin/admin-listener.ts'
import { overrideRoutes } from '../admin/override-routes.ts'
import { adminRoutes, type Health } from '../admin/routes.ts'
import { type LoadedConfig, loadConfig } from '../config/load.ts'
import { pathsOf } from '../config/locate-problems.ts'
import { checkCalls } from '../discovery/check-call.ts'
import { explain } from '../discovery/explain.ts'
import { DiscoveryHub } from '../discovery/hub.ts'
import { ConfigError, describeProblem } from '../errors.ts'
import { mainServices } from '../features/main-table.ts'
import { type MetricsHub, metricsHub } from '../telemetry/metrics-hub.ts'
import { productVersion } from '../version.ts'
import { adminToken } from './admin-token.ts'
import { cpuQuota } from './cpu-quota.ts'
import { faultFinder } from './fault-finder.ts'
import { requireFreePort } from './free-port.ts'
import { type Logs, threadLogs } from './logs.ts'
import { type MainServices, startMainServices } from './main-services.ts'
import { registriesOf } from './registries-of.ts'
import { RequestThreads } from './request-threads.ts'
import type { Settings } from './settings.ts'
import { shutdownSignal } from './shutdown.ts'
import type { ThreadSettings } from './thread-messages.ts'
import { workerCount } from './worker-count.ts'

/** A configuration that cannot be read, as KrakenD's `run` ends. */
const UNUSABLE = 255
const FAILED = 1

export type RunFlags = { readonly debug: boolean; readonly port: number }

/** Runs the gateway until it is told to stop. The value is the process's exit status: 0 only after a clean stop. */
export async function runGateway(settings: Settings, flags: RunFlags): Promise<number> {
  const startMs = performance.now()
  const workers = workerCount(settings.workers, {
    processors: Math.min(availableParallelism(), cpuQuota() ?? Number.POSITIVE_INFINITY),
    memoryLimit: process.constrainedMemory(),
    canShareAPort: process.platform === 'linux',
  })
  const metrics = metricsHub()
  const threads = new RequestThreads({
    count: workers.count,
    metrics,
  })
  try {
    const loaded = await load(settings, flags)
    if (loaded === undefined) return UNUSABLE
    return await serve({ settings, loaded, metrics, threads, workers, startMs })
  } finally {
    await threads.terminate()
    metrics.close()
  }
}

async function load(settings: Settings, overrides: RunFlags): Promise<LoadedConfig | undefined> {
  try {
    return await loadConfig({
      file: settings.config,
      env: process.env,
      overrides,
      findMore: finderOf(settings),
      allowUnknownSecurity: settings.allowUnknownSecurity,
    })
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    process.stderr.write(`ERROR parsing the configuration file: ${error.message}\n`)
    return undefined
  }
}

type Start = {
  readonly settings: Settings
  readonly loaded: LoadedConfig
  readonly metrics: MetricsHub
  readonly threads: RequestThreads
  readonly workers: { readonly count: number; readonly reason: string }
  readonly startMs: number
}

async function serve(start: Start): Promise<number> {
  const { settings, loaded, metrics, threads, workers, startMs } = start
  const { config } = loaded
  const token = adminToken(settings)
  const threadSettings = settingsForThreads(
    settings,
    workers.count,
    token === undefined ? [] : [token],
  )
  const logs = threadLogs(config, threadSettings, metrics.meters)
  const log = logs.application
  log.info(`[SERVICE] gateway ${productVersion()} starts with ${config.file}`)
  for (const warning of loaded.warnings)
    if (warning.severity === 'error') log.error('[CONFIG]', describeProblem(warning))
    else log.warning('[CONFIG]', describeProblem(warning))
  const hub = discoveryHub(start, logs)
  let state: Health['state'] = 'starting'
  let admin: AdminListener | undefined
  let services: MainServices | undefined
  try {
    const stopped = shutdownSignal()
    services = await startMainServices(mainServices, {
      config,
      log,
      metrics,
      now: Date.now,
      tell: (topic, key, news) => threads.broadcast(topic, key, news),
      secret: logs.secrets.add,
    })
    const { answer, adminRoutes: more } = services
    admin = await openAdmin(start, logs, token, [
      ...adminRoutes({
        metrics,
        health: () => healthOf(state, hub),
        discovery: () => explain(hub, config, Date.now(), logs.secrets.redact),
      }),
      ...overrideRoutes({
        now: Date.now,
        names: () => hub.names(),
        overrides: () => hub.overrides,
        override: (overrides) => hub.override(overrides),
        log,
      }),
      ...more,
    ])
    await requireFreePort(config.port, config.listenIp)
    await threads.serve({ config, settings: threadSettings, hub, log, answer })
    state = 'ready'
    announce(start, metrics)
    log.info(`[SERVICE] Listening on port: ${config.port}`)
    log.info(
      `[SERVICE] ${workers.count} request ${workers.count === 1 ? 'thread' : 'threads'} (${workers.reason}), ready in ${Math.round(performance.now() - startMs)} ms`,
    )
    const signal = await stopped
    state = 'stopping'
    log.info(`[SERVICE] ${signal}: finishing the requests that run`)
    await drain(threads, config.maxShutdownWaitMs)
    return 0
  } catch (error) {
    const failure = startFailure(await withOtherFaults(error, start), loaded)
    log.critical('[SERVICE]', failure)
    process.stderr.write(`ERROR ${failure}\n`)
    return FAILED
  } finally {
    await admin?.close()
    await services?.close()
    await hub.close()
    logs.close()
  }
}

const finderOf = ({ config: file, maxDecodeBytes }: Settings) =>
  faultFinder({ file, maxDecodeBytes })

/** A failed start, with everything else that no start could have been made with. */
async function withOtherFaults(error: unknown, { loaded, settings }: Start): Promise<unknown> {
  if (!(error instanceof ConfigError)) return error
  const others = await finderOf(settings)(loaded.document, pathsOf(error.problems))
  return new ConfigError([...error.problems, ...others])
}

/** Requests would wait for lists that are still awaited: until then, or their deadline, it is no better than starting. */
function healthOf(state: Health['state'], hub: DiscoveryHub): Health {
  const awaited = state === 'ready' ? hub.awaited() : []
  return awaited.length === 0 ? { state } : { state: 'starting', details: { awaited } }
}

function settingsForThreads(
  settings: Settings,
  workers: number,
  secrets: readonly string[],
): ThreadSettings {
  return {
    workers,
    reusesPort: process.platform === 'linux',
    maxDecodeBytes: settings.maxDecodeBytes,
    maxRequestBytes: settings.maxRequestBytes,
    maxRequestBytesTotal: settings.maxRequestBytesTotal,
    logLevel: settings.logLevel,
    logFormat: settings.logFormat,
    secrets,
  }
}

function discoveryHub({ settings, loaded, metrics }: Start, logs: Logs): DiscoveryHub {
  const { config } = loaded
  const log = logs.application
  const registries = registriesOf(config, settings, { log, secret: logs.secrets.add })
  return new DiscoveryHub({
    registries,
    periodMs: config.dnsCacheTtlMs,
    log,
    meters: metrics.meters,
    now: Date.now,
    random: Math.random,
    timer: (ms, run) => {
      const timeout = setTimeout(run, ms)
      return () => clearTimeout(timeout)
    },
    checker: checkCalls(config, process.env),
  })
}

async function openAdmin(
  { settings }: Start,
  logs: Logs,
  token: string | undefined,
  routes: readonly AdminRoute[],
): Promise<AdminListener | undefined> {
  const { adminAddress } = settings
  if (adminAddress === undefined) return undefined
  return await adminListener({
    host: adminAddress.host,
    port: adminAddress.port,
    isDefaultAddress: !settings.given.includes('adminAddress'),
    hosts: settings.adminHosts,
    token,
    routes,
    log: logs.application,
  })
}

/** What this process is and runs, as numbers. */
function announce({ loaded, startMs }: Start, { meters }: MetricsHub): void {
  const { config, text } = loaded
  meters.gauge('gateway_build_info', { version: productVersion(), node: process.version }).set(1)
  meters.gauge('gateway_config_info', { file: config.file, sha256: hash('sha256', text) }).set(1)
  meters.gauge('gateway_config_load_seconds').set((performance.now() - startMs) / 1000)
}

/** Waits for the running requests, no longer than `max_shutdown_wait_time` (0: as long as they take). */
async function drain(threads: RequestThreads, waitMs: number): Promise<void> {
  if (waitMs === 0) return threads.drain()
  const { promise, resolve } = Promise.withResolvers<void>()
  const timeout = setTimeout(resolve, waitMs)
  await Promise.race([threads.drain(), promise])
  clearTimeout(timeout)
}

/** A failed start in words that help. */
function startFailure(error: unknown, { config: { port }, locate }: LoadedConfig): string {
  if (error instanceof ConfigError) return new ConfigError(locate(error.problems)).message
  const { code, message } = error as NodeJS.ErrnoException
  if (code === 'EADDRINUSE') return `port ${port} is already in use: another process listens there`
  if (code === 'EACCES') return `port ${port} needs privileges that this process does not have`
  return message
}
