import { isObject } from '../pipe/is-object.ts'
import type { JsonObject } from '../pipe/pipe.ts'

const OLD = 'github.com/devopsfaith/'
const OLD_UNDERSCORE = 'github_com/devopsfaith/'

/** Namespaces of old documents and what they are called today. */
const CURRENT_NAMES: ReadonlyMap<string, string> = new Map([
  [`${OLD_UNDERSCORE}krakend/transport/http/server/handler`, 'plugin/http-server'],
  [`${OLD}krakend/transport/http/client/executor`, 'plugin/http-client'],
  [`${OLD}krakend/proxy/plugin`, 'plugin/req-resp-modifier'],
  [`${OLD}krakend/proxy`, 'proxy'],
  ['github_com/luraproject/lura/router/gin', 'router'],
  [`${OLD}krakend-httpcache`, 'qos/http-cache'],
  [`${OLD}krakend-circuitbreaker/gobreaker`, 'qos/circuit-breaker'],
  [`${OLD}krakend-oauth2-clientcredentials`, 'auth/client-credentials'],
  [`${OLD}krakend-jose/validator`, 'auth/validator'],
  [`${OLD}krakend-jose/signer`, 'auth/signer'],
  ['github_com/devopsfaith/bloomfilter', 'auth/revoker'],
  [`${OLD_UNDERSCORE}krakend-botdetector`, 'security/bot-detector'],
  [`${OLD_UNDERSCORE}krakend-httpsecure`, 'security/http'],
  [`${OLD_UNDERSCORE}krakend-cors`, 'security/cors'],
  [`${OLD}krakend-cel`, 'validation/cel'],
  [`${OLD}krakend-jsonschema`, 'validation/json-schema'],
  [`${OLD}krakend-amqp/agent`, 'async/amqp'],
  [`${OLD}krakend-amqp/consume`, 'backend/amqp/consumer'],
  [`${OLD}krakend-amqp/produce`, 'backend/amqp/producer'],
  [`${OLD}krakend-lambda`, 'backend/lambda'],
  [`${OLD}krakend-pubsub/publisher`, 'backend/pubsub/publisher'],
  [`${OLD}krakend-pubsub/subscriber`, 'backend/pubsub/subscriber'],
  [`${OLD}krakend/transport/http/client/graphql`, 'backend/graphql'],
  [`${OLD}krakend/http`, 'backend/http'],
  [`${OLD_UNDERSCORE}krakend-gelf`, 'telemetry/gelf'],
  [`${OLD_UNDERSCORE}krakend-gologging`, 'telemetry/logging'],
  [`${OLD_UNDERSCORE}krakend-logstash`, 'telemetry/logstash'],
  [`${OLD_UNDERSCORE}krakend-metrics`, 'telemetry/metrics'],
  ['github_com/letgoapp/krakend-influx', 'telemetry/influx'],
  [`${OLD_UNDERSCORE}krakend-opencensus`, 'telemetry/opencensus'],
  [`${OLD}krakend-lua/router`, 'modifier/lua-endpoint'],
  [`${OLD}krakend-lua/proxy`, 'modifier/lua-proxy'],
  [`${OLD}krakend-lua/proxy/backend`, 'modifier/lua-backend'],
  [`${OLD}krakend-martian`, 'modifier/martian'],
])

/** The namespace's current name; other names stay themselves. */
export function currentNamespace(name: string): string {
  return CURRENT_NAMES.get(name) ?? name
}

/** `extra_config` under current names only. Where a namespace stands under both names, the current one wins, as in KrakenD. */
export function withCurrentNamespaces(extraConfig: JsonObject): JsonObject {
  if (!Object.keys(extraConfig).some((name) => CURRENT_NAMES.has(name))) return extraConfig
  const entries = Object.entries(extraConfig)
  const current = new Map(entries.filter(([name]) => !CURRENT_NAMES.has(name)))
  for (const [name, value] of entries) {
    const renamed = CURRENT_NAMES.get(name)
    if (renamed !== undefined && !current.has(renamed)) current.set(renamed, value)
  }
  return Object.fromEntries(current)
}

/** The names under which a namespace may stand in a document beside its current one. */
export function spellingsOf(namespace: string): readonly string[] {
  return OLD_NAMES.get(namespace) ?? []
}

const OLD_NAMES: ReadonlyMap<string, readonly string[]> = new Map(
  [...CURRENT_NAMES].map(([old, current]) => [current, [old]]),
)

/** The document with every `extra_config` under current names: service, endpoints, agents and their backends. */
export function withNamespaces(document: JsonObject): JsonObject {
  return renamed(
    withList(
      withList(document, 'endpoints', renamedWithBackends),
      'async_agent',
      renamedWithBackends,
    ),
  )
}

function renamedWithBackends(part: JsonObject): JsonObject {
  return renamed(withList(part, 'backend', renamed))
}

function renamed(part: JsonObject): JsonObject {
  const extraConfig = part.extra_config
  if (!isObject(extraConfig)) return part
  const current = withCurrentNamespaces(extraConfig)
  return current === extraConfig ? part : { ...part, extra_config: current }
}

/** `part` with each object of its list changed; itself when none was. */
function withList(
  part: JsonObject,
  key: string,
  change: (item: JsonObject) => JsonObject,
): JsonObject {
  const list = part[key]
  if (!Array.isArray(list)) return part
  const changed = list.map((item) => (isObject(item) ? change(item) : item))
  return changed.some((item, at) => item !== list[at]) ? { ...part, [key]: changed } : part
}

/** Old and current names of namespaces. */
export function oldNames(): [old: string, current: string][] {
  return [...CURRENT_NAMES]
}
