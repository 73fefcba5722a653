import { type Rule, rule } from './rule.ts'
import { anyBackend, anyEndpoint, has, isObject, pluginNames, usesOpencensus } from './subject.ts'

/** What is better written another way today. */
export const DEPRECATION_RULES: readonly Rule[] = [
  deprecatedPlugin(
    '7.1.1',
    'virtualhost',
    'visit https://www.krakend.io/docs/enterprise/service-settings/virtual-hosts/#upgrading-from-the-old-plugin-before-v24 to upgrade to the new virtualhost.',
    'plugin/http-server',
  ),
  deprecatedPlugin(
    '7.1.2',
    'static-filesystem',
    'visit https://www.krakend.io/docs/enterprise/endpoints/serve-static-content/#upgrading-from-the-old-plugin-before-v24 to upgrade to the new static-filesystem.',
    'plugin/http-server',
  ),
  deprecatedPlugin(
    '7.1.3',
    'basic-auth',
    'move your configuration to the namespace auth/basic to use the new component. See: https://www.krakend.io/docs/enterprise/authentication/basic-authentication/ .',
    'plugin/http-server',
  ),
  deprecatedPlugin(
    '7.1.4',
    'wildcard',
    'visit https://www.krakend.io/docs/enterprise/endpoints/wildcard/#upgrading-from-the-old-wildcard-plugin-before-v23 to upgrade to the new Wildcard.',
    'plugin/http-server',
  ),
  deprecatedPlugin(
    '7.1.5',
    'http-proxy',
    'visit https://www.krakend.io/docs/enterprise/backends/http-proxy/#migration-from-old-plugin to upgrade to the new options.',
    'plugin/http-client',
  ),
  deprecatedPlugin(
    '7.1.6',
    'static-filesystem',
    'visit https://www.krakend.io/docs/enterprise/endpoints/serve-static-content/#upgrading-from-the-old-plugin-before-v24 to upgrade to the new static-filesystem.',
    'plugin/http-client',
  ),
  deprecatedPlugin(
    '7.1.7',
    'no-redirect',
    'visit https://www.krakend.io/docs/enterprise/backends/client-redirect/#migration-from-old-plugin to upgrade to the new options.',
    'plugin/http-client',
  ),
  deprecatedPlugin(
    '7.1.8',
    'content-replacer',
    'visit https://www.krakend.io/docs/enterprise/endpoints/content-replacer/#migration-from-old-plugin to upgrade to the new options.',
    'plugin/req-resp-modifier',
  ),
  deprecatedPlugin(
    '7.1.9',
    'response-schema-validator',
    'visit https://www.krakend.io/docs/enterprise/endpoints/response-schema-validator/#migration-from-old-plugin to upgrade to the new options.',
    'plugin/req-resp-modifier',
  ),
  deprecatedComponent('7.2.1', 'telemetry/ganalytics', 'opentelemetry/'),
  deprecatedComponent('7.2.2', 'telemetry/instana', 'opentelemetry/'),
  rule(
    '7.2.3',
    'HIGH',
    'Avoid using deprecated component telemetry/opencensus. Please visit https://www.krakend.io/docs/telemetry/opencensus/#transition-from-opencensus to upgrade to OpenTelemetry',
    usesOpencensus,
  ),
  deprecatedComponent('7.2.4', 'telemetry/influx', 'influxdb/'),
  rule(
    '7.3.1',
    'MEDIUM',
    "Avoid using 'private_key' and 'public_key' and use the 'keys' array.",
    (s) => {
      const tls = s.document['tls']
      return isObject(tls) && ['public_key', 'private_key'].some((key) => (tls[key] ?? '') !== '')
    },
  ),
]

/** KrakenD looks for client plugins on endpoints only, where there are none; here backends count. */
function deprecatedPlugin(id: string, name: string, advice: string, kind: string): Rule {
  const message = `Avoid using deprecated plugin ${name}. Please ${advice}`
  return rule(id, 'HIGH', message, (s) => {
    if (kind === 'plugin/http-server') return pluginNames(s.config, kind).includes(name)
    const uses = (place: Parameters<typeof pluginNames>[0]): boolean =>
      pluginNames(place, kind).includes(name)
    return anyEndpoint(s, uses) || anyBackend(s, uses)
  })
}

function deprecatedComponent(id: string, name: string, page: string): Rule {
  const message = `Avoid using deprecated component ${name}. Please visit https://www.krakend.io/docs/telemetry/${page} to upgrade to OpenTelemetry`
  return rule(id, 'HIGH', message, (s) => has(s.config, name))
}
