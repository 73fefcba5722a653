import { namespace } from '../../../config/types.ts'
import type { JsonObject } from '../../../pipe/pipe.ts'
import type { MainScope, MainService, RunningService } from '../../main-service.ts'
import { scrapeListener, scrapeWriter } from '../scrape-listener.ts'
import { type Collector, collector } from './collector.ts'
import { duplicateExporter, NAMESPACE, type OtelConfig, otelConfig } from './config.ts'
import { PROMETHEUS_TEXT, prometheusPage } from './prometheus.ts'

const LOG_NAME = '[SERVICE: OpenTelemetry]'
/** Go's `http.NotFound`. */
const NOT_FOUND = {
  headers: { 'Content-Type': 'text/plain; charset=utf-8', 'X-Content-Type-Options': 'nosniff' },
  text: '404 page not found\n',
}

/** The main thread's part: what is scraped, and what is sent to collectors for all threads. */
export const openTelemetryService: MainService = {
  topic: NAMESPACE,
  async start(scope) {
    const asked = namespace(scope.config.extraConfig, NAMESPACE)
    if (asked === undefined) return undefined
    const duplicate = duplicateExporter(asked)
    if (duplicate !== undefined) scope.log.error(LOG_NAME, 'cannot register exporters:', duplicate)
    if (asked['histograms'] !== undefined)
      scope.log.warning(
        LOG_NAME,
        `extra_config."${NAMESPACE}".histograms has no effect, as in KrakenD's community edition`,
      )
    const config = otelConfig(scope.config)
    return config === undefined ? undefined : await exporters(config, scope)
  },
}

async function exporters(config: OtelConfig, scope: MainScope): Promise<RunningService> {
  const listeners = await Promise.all(
    config.prometheus.map((exporter) => {
      const page = prometheusPage(scope.metrics, exporter, config)
      return scrapeListener({
        host: exporter.host,
        port: exporter.port,
        notFound: NOT_FOUND,
        onProblem: (problem) => scope.log.error(LOG_NAME, `exporter ${exporter.name}:`, problem),
        paths: {
          '/metrics': async (_request, response) => {
            response.writeHead(200, { 'Content-Type': PROMETHEUS_TEXT })
            await page(scrapeWriter(response))
            response.end()
          },
        },
      })
    }),
  )
  const collectors = config.otlp.map((exporter) => collector(exporter, config, scope))
  return {
    async answer(question) {
      const { spans, count } = question as JsonObject
      takeSpans(collectors, Buffer.from(spans as string, 'latin1'), count as number)
      return null
    },
    async close() {
      await Promise.all([
        ...listeners.map((listener) => listener.close()),
        ...collectors.map((each) => each.close()),
      ])
    },
  }
}

function takeSpans(collectors: readonly Collector[], spans: Buffer, count: number): void {
  for (const each of collectors) each.takeSpans(spans, count)
}
