import { namespace } from '../../../config/types.ts'
import { ConfigError } from '../../../errors.ts'
import { goDouble } from '../../../pipe/go-double.ts'
import { attributesOf } from '../../../telemetry/instruments.ts'
import { escapeLabel, type MetricsLook, renderMetrics } from '../../../telemetry/render-metrics.ts'
import type { MainService } from '../../main-service.ts'
import { scrapeListener, scrapeWriter } from '../scrape-listener.ts'
import { NAMESPACE, openCensusConfig } from './config.ts'

const LOG_NAME = '[SERVICE: OpenCensus]'
const PROMETHEUS_TEXT = 'text/plain; version=0.0.4; charset=utf-8; escaping=underscores'
const NOT_FOUND = {
  headers: { 'Content-Type': 'text/plain; charset=utf-8', 'X-Content-Type-Options': 'nosniff' },
  text: '404 page not found\n',
}
const NAME_PREFIX = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/

/** The main thread's part: the page that Prometheus scrapes. */
export const openCensusService: MainService = {
  topic: NAMESPACE,
  async start(scope) {
    const asked = namespace(scope.config.extraConfig, NAMESPACE)
    const config = openCensusConfig(scope.config)
    if (asked !== undefined && config === undefined)
      scope.log.warning(LOG_NAME, 'only the Prometheus exporter works here: nothing is exported')
    if (config === undefined) return undefined
    if (config.prefix !== '' && !NAME_PREFIX.test(config.prefix))
      throw new ConfigError('must be the start of a metric name', {
        path: `extra_config."${NAMESPACE}".exporters.prometheus.namespace`,
      })
    const prefix = config.prefix === '' ? '' : `${config.prefix}_`
    const look: MetricsLook = {
      shows: ({ view }) => view === 'opencensus',
      name: ({ name }) => prefix + name,
      labels: ({ values }) =>
        attributesOf(values)
          .map(([name, value]) => `${name}="${escapeLabel(String(value))}"`)
          .join(','),
      number: goDouble,
    }
    const listener = await scrapeListener({
      host: '',
      port: config.port,
      notFound: NOT_FOUND,
      onProblem: (problem) => scope.log.error(LOG_NAME, problem),
      paths: {
        '/metrics': async (_request, response) => {
          response.writeHead(200, { 'Content-Type': PROMETHEUS_TEXT })
          await renderMetrics(scope.metrics, scrapeWriter(response), look)
          response.end()
        },
      },
    })
    return { close: listener.close }
  },
}
