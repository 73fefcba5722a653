import type { MainService } from '../../main-service.ts'
import { influxReporter } from '../influx/reporter.ts'
import { scrapeListener } from '../scrape-listener.ts'
import { NAMESPACE, statsConfig } from './config.ts'
import { statsPage } from './page.ts'
import { statsRegistry } from './registry.ts'

const LOG_NAME = '[SERVICE: Stats]'
const PATH = '/__stats'
/** gin's words. */
const NOT_FOUND = { headers: { 'Content-Type': 'text/plain' }, text: '404 page not found' }
const MOVED = `<a href="${PATH}">Moved Permanently</a>.\n\n`

/** The main thread's part of `telemetry/metrics`: collects, answers `/__stats`, and reports to InfluxDB. */
export const statsService: MainService = {
  topic: NAMESPACE,
  async start(scope) {
    const config = statsConfig(scope.config, (text) => scope.log.warning(LOG_NAME, text))
    if (config === undefined) {
      if (scope.config.extraConfig['telemetry/influx'] !== undefined)
        scope.log.error(
          '[SERVICE: InfluxDB] telemetry/influx has nothing to report without telemetry/metrics',
        )
      return undefined
    }
    const registry = statsRegistry(scope.metrics, scope.config, config)
    const reporter = influxReporter(scope, registry)
    const timer = setInterval(registry.collect, config.collectionMs).unref()
    const listener =
      config.listen === undefined
        ? undefined
        : await scrapeListener({
            ...config.listen,
            notFound: NOT_FOUND,
            onProblem: (problem) => scope.log.error(LOG_NAME, problem),
            paths: {
              [PATH]: (_request, response) => {
                const body = Buffer.from(JSON.stringify(statsPage(registry.now())))
                response.writeHead(200, {
                  'Content-Type': 'application/json; charset=utf-8',
                  'Content-Length': body.length,
                })
                response.end(body)
              },
              [`${PATH}/`]: (_request, response) => {
                response.writeHead(301, {
                  Location: PATH,
                  'Content-Type': 'text/html; charset=utf-8',
                  'Content-Length': MOVED.length,
                })
                response.end(MOVED)
              },
            },
          })
    return {
      async close() {
        clearInterval(timer)
        reporter?.close()
        await listener?.close()
      },
    }
  },
}
