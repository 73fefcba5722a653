import type { ServerResponse } from 'node:http'
import type { MetricsHub } from '../telemetry/metrics-hub.ts'
import { plainMetrics } from '../telemetry/plain-metrics.ts'
import { renderMetrics } from '../telemetry/render-metrics.ts'
import type { AdminRoute } from './admin-listener.ts'

/** How the process is. */
export type Health = {
  readonly state: 'starting' | 'ready' | 'stopping'
  /** What else an operator may want to see. */
  readonly details?: Readonly<Record<string, unknown>>
}
export type AdminSources = {
  readonly metrics: MetricsHub
  readonly health: () => Health
  /** Every subscription as JSON data. */
  readonly discovery: () => unknown
}

const PROMETHEUS_TEXT = 'text/plain; version=0.0.4; charset=utf-8'

/** What the admin listener can do, in one table. `isOpen` rows answer everyone who can connect. */
export function adminRoutes({ metrics, health, discovery }: AdminSources): AdminRoute[] {
  const plain = plainMetrics(metrics)
  const get = (path: string, answer: AdminRoute['answer']): AdminRoute => ({
    method: 'GET',
    path,
    answer,
  })
  const open = (route: AdminRoute): AdminRoute => ({ ...route, isOpen: true })
  const live = () => ({ status: 200, value: healthJson(health()) })
  const ready = () => {
    const now = health()
    return { status: now.state === 'ready' ? 200 : 503, value: healthJson(now) }
  }
  return [
    open(get('/metrics', (_request, response) => sendMetrics(response, metrics, plain))),
    open(get('/health', (_request, response) => sendJson(response, ready()))),
    open(get('/health/live', (_request, response) => sendJson(response, live()))),
    open(get('/health/ready', (_request, response) => sendJson(response, ready()))),
    get('/discovery', (_request, response) =>
      sendJson(response, { status: 200, value: discovery() }),
    ),
  ]
}

function healthJson({ state, details }: Health) {
  return { ...details, status: state === 'ready' ? 'ok' : state }
}

function sendJson(
  response: ServerResponse,
  { status, value }: { status: number; value: unknown },
): void {
  const body = Buffer.from(`${JSON.stringify(value)}\n`)
  response.writeHead(status, {
    'Content-Type': 'application/json; charset=utf-8',
    'Content-Length': body.length,
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
  })
  response.end(body)
}

async function sendMetrics(
  response: ServerResponse,
  metrics: MetricsHub,
  plain: () => Promise<string>,
): Promise<void> {
  response.writeHead(200, { 'Content-Type': PROMETHEUS_TEXT, 'Cache-Control': 'no-store' })
  const write = (text: string): Promise<void> | void => {
    if (response.destroyed) throw new Error('the scraper hung up')
    return response.write(text) ? undefined : drained(response)
  }
  await renderMetrics(metrics, write)
  response.end(await plain())
}

/** Resolves when the scraper has taken what was written; rejects when it is gone. */
function drained(response: ServerResponse): Promise<void> {
  return new Promise((resolve, reject) => {
    const gone = () => reject(new Error('the scraper hung up'))
    if (response.destroyed) return gone()
    response.once('close', gone)
    response.once('drain', () => {
      response.off('close', gone)
      resolve()
    })
  })
}
