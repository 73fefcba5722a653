import type { JsonObject, JsonValue } from '../../pipe/pipe.ts'
import {
  type Answer,
  DiscoveryError,
  type Found,
  type Source,
  type SourceFactory,
} from '../discovery.ts'
import { foundAt, hostOf, isPort, metadataOf, weightOf } from './found.ts'
import { asObject, asText, parseJson } from './json.ts'
import { memberUrls } from './member-urls.ts'
import { tokenKeeper } from './nacos-login.ts'
import { readOptions } from './read-options.ts'
import { type RegistryReply, refusal, registryClient } from './registry-client.ts'
import { secretValue } from './watched-file.ts'

const DEFAULT_HOST = 'http://127.0.0.1:8848'
const DEFAULT_INTERVAL_MS = 30_000
const DEFAULT_GROUP = 'DEFAULT_GROUP'
/** Between group and service, as Nacos writes them together. */
const GROUP_SEPARATOR = '@@'

/** Where one version of the API keeps what. */
type Api = { readonly list: string; readonly login: string }
const V1 = '/nacos/v1/'
const V3 = '/nacos/v3/'

/** Services of Nacos, by the first API that its servers know (or the one that `prefix` names). */
export const nacosSource: SourceFactory = (written, scope) => {
  const options = readOptions('nacos', written)
  const { members, basic } = memberUrls(options, 'host', [DEFAULT_HOST], scope.secret)
  const prefix = options.text('prefix')
  const apis = prefix === undefined ? [apiAt(V1), apiAt(V3)] : [apiAt(prefix)]
  const namespace = options.text('namespace')
  const group = options.text('group') ?? DEFAULT_GROUP
  const defaultWeight = options.wholeNumber('weight', 0) ?? 1
  const timeout = options.part('timeout')
  const client = registryClient({
    members,
    random: scope.random,
    connectMs: timeout.durationMs('connect', 'ms'),
    answerMs: timeout.durationMs('read', 'ms'),
    tls: { caFile: options.text('ca_file') },
    headers: async (member) => {
      const own = basic[member]
      return own === undefined ? {} : { authorization: own }
    },
  })
  const username = options.text('username')
  const password = secretValue({
    value: options.text('password'),
    file: options.text('password_file'),
    hide: scope.secret,
  })
  const tokens =
    username === undefined
      ? undefined
      : tokenKeeper(client, { username, password, hide: scope.secret, now: scope.now })
  let current = 0

  function query(service: string): URLSearchParams {
    const [ownGroup, name] = service.includes(GROUP_SEPARATOR)
      ? service.split(GROUP_SEPARATOR, 2)
      : [group, service]
    return new URLSearchParams({
      serviceName: name ?? service,
      groupName: ownGroup ?? group,
      ...(namespace === undefined ? {} : { namespaceId: namespace }),
      healthyOnly: 'true',
    })
  }

  async function list(api: Api, service: string, signal: AbortSignal): Promise<RegistryReply> {
    const path = `${api.list}?${query(service)}`
    if (tokens === undefined) return client.call({ path }, signal)
    const token = await tokens.get(api.login, signal)
    const reply = await client.call({ path, headers: { accessToken: token } }, signal)
    if (reply.status !== 401 && reply.status !== 403) return reply
    tokens.forget(token)
    const renewed = await tokens.get(api.login, signal)
    return client.call({ path, headers: { accessToken: renewed } }, signal)
  }

  async function askAt(api: Api, service: string, signal: AbortSignal): Promise<Answer> {
    const { status, text, who } = await list(api, service, signal)
    // 3.x answers 410 for what it has no more, and older ones 404 for what they have not yet.
    if (status === 404 || status === 410)
      throw new DiscoveryError('not-found', `${who}: ${refusal(status, text)}`)
    if (status !== 200) throw new DiscoveryError('unreachable', `${who}: ${refusal(status, text)}`)
    return answerOf(parseJson(text, who), who, defaultWeight)
  }

  async function ask(service: string, signal: AbortSignal): Promise<Answer> {
    for (let turn = 1; ; turn++) {
      try {
        return await askAt(apis[current] ?? apiAt(V1), service, signal)
      } catch (error) {
        if (!(error instanceof DiscoveryError) || error.failure !== 'not-found') throw error
        // The API, not the service: those that are unknown have an empty list.
        if (turn >= apis.length) throw new DiscoveryError('unreachable', error.message, error)
        current = (current + 1) % apis.length
      }
    }
  }

  return {
    periodMs: options.durationMs('fetch_interval', 's') ?? DEFAULT_INTERVAL_MS,
    ask,
    close: () => client.close(),
  } satisfies Source
}

function apiAt(prefix: string): Api {
  const base = `/${prefix}/`.replaceAll(/\/+/g, '/')
  if (!/\/v3\//.test(base)) return { list: `${base}ns/instance/list`, login: `${base}auth/login` }
  const root = base.replace(/client\/$/, '')
  return { list: `${root}client/ns/instance/list`, login: `${root}auth/user/login` }
}

/** v1 answers `{hosts}`, v2 `{code, data: {hosts}}`, v3 `{code, data: [...]}`. */
function answerOf(parsed: JsonValue, who: string, defaultWeight: number): Answer {
  const answer = asObject(parsed) ?? {}
  const code = answer['code']
  if (typeof code === 'number' && code !== 0 && code !== 200)
    throw new DiscoveryError('unreachable', `${who}: code ${code}, ${asText(answer['message'])}`)
  const part = asObject(answer['data']) ?? answer
  const hosts = Array.isArray(answer['data']) ? answer['data'] : part['hosts']
  if (!Array.isArray(hosts)) throw new DiscoveryError('broken', `${who}: no list of hosts`)
  if (hosts.length === 0)
    return {
      instances: [],
      notes: ['no instance: the service is unknown or has none'],
      isUnknown: true,
    }
  // Too few are healthy: the server gives all, so that the healthy ones are not overrun.
  const takesAll = part['reachProtectionThreshold'] === true
  const judged = hosts.map((host) => judge(asObject(host) ?? {}, takesAll, defaultWeight))
  return {
    instances: judged.flatMap(({ found }) => found ?? []),
    notes: [
      ...(takesAll ? ['the protection threshold is reached: unhealthy instances count too'] : []),
      ...judged.map(({ note }) => note),
    ],
  }
}

function judge(
  written: JsonObject,
  takesAll: boolean,
  defaultWeight: number,
): { found?: Found; note: string } {
  const { ip, port, healthy, enabled } = written
  const name = `${asText(ip)}:${port}`
  const dropped = (reason: string) => ({ note: `${name}: dropped, ${reason}` })
  if (healthy === false && !takesAll) return dropped('it is not healthy')
  if (enabled === false) return dropped('it is not enabled')
  const host = hostOf(ip)
  if (host === undefined || !isPort(port)) return dropped('no address and port')
  const metadata = metadataOf(written['metadata'])
  const cluster = asText(written['clusterName'])
  const found = foundAt({
    host,
    port,
    weight: weightOf(written['weight']) ?? defaultWeight,
    zone: metadata['zone'] ?? '',
    metadata: { ...metadata, ...(cluster === '' ? {} : { cluster }) },
  })
  return { found, note: `${name}: kept, weight ${found.weight}` }
}
