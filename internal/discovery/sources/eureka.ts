import {
  type Answer,
  DiscoveryError,
  type Source,
  type SourceFactory,
  type SourceScope,
} from '../discovery.ts'
import { judgeInstance } from './eureka-instance.ts'
import {
  type EurekaAnswer,
  type EurekaRegistry,
  hashOf,
  readApplications,
  registryOf,
  withDelta,
} from './eureka-registry.ts'
import { parseJson } from './json.ts'
import { basicAuthorization, memberUrls } from './member-urls.ts'
import { type OptionReader, readOptions } from './read-options.ts'
import { type RegistryClient, refusal, registryClient } from './registry-client.ts'
import { sharedFetch } from './shared-fetch.ts'
import { secretValue } from './watched-file.ts'

const DEFAULT_HOST = 'http://127.0.0.1:8761'
const DEFAULT_PREFIX = '/eureka/'
const DEFAULT_WEIGHT = 100
const DEFAULT_INTERVAL_MS = 30_000
/** Changed metadata appears in no delta: now and then everything is fetched. */
const DELTAS_IN_A_ROW = 9

/** Applications of Eureka servers: one fetch for all of them, by deltas where those add up. */
export const eurekaSource: SourceFactory = (written, scope) => {
  const options = readOptions('eureka', written)
  const client = clientOf(options, scope)
  const prefix = options.text('prefix') ?? DEFAULT_PREFIX
  const weight = options.wholeNumber('weight', 0) ?? DEFAULT_WEIGHT
  const everyMs = options.durationMs('fetch_interval', 's') ?? DEFAULT_INTERVAL_MS
  const path = `/${prefix}/apps`.replaceAll(/\/+/g, '/')
  const registry = sharedFetch({ fetch: fetcher(client, path), everyMs, random: scope.random })

  return {
    periodMs: everyMs,
    ask: async (service, signal) => answerOf(await registry.once(signal), service, weight),
    async watch(service, tell, signal) {
      const failed = Promise.withResolvers<never>()
      const following = registry.follow((fetched) => {
        answerOf(fetched, service, weight).then(
          (answer) => void (signal.aborted || tell(answer)),
          failed.reject,
        )
      }, signal)
      await Promise.race([following, failed.promise])
    },
    async close() {
      registry.close()
      await client.close()
    },
  } satisfies Source
}

function clientOf(options: OptionReader, scope: SourceScope): RegistryClient {
  const { members, basic } = memberUrls(options, 'host', [DEFAULT_HOST], scope.secret)
  const timeout = options.part('timeout')
  const username = options.text('username')
  const password = secretValue({
    value: options.text('password'),
    file: options.text('password_file'),
    hide: scope.secret,
  })
  return registryClient({
    members,
    random: scope.random,
    connectMs: timeout.durationMs('connect', 'ms'),
    answerMs: timeout.durationMs('read', 'ms'),
    tls: { caFile: options.text('ca_file') },
    async headers(member) {
      const own =
        username === undefined
          ? basic[member]
          : basicAuthorization(username, (await password()) ?? '', scope.secret)
      return { accept: 'application/json', ...(own === undefined ? {} : { authorization: own }) }
    },
  })
}

/** Fetches the changes, or everything: at first, after a failure, where the changes do not add up, and now and then. */
function fetcher(client: RegistryClient, path: string) {
  let known: EurekaRegistry | undefined
  let deltas = 0

  async function get(from: string, signal: AbortSignal): Promise<EurekaAnswer> {
    const { status, text, who } = await client.call({ path: from }, signal)
    if (status !== 200) throw new DiscoveryError('unreachable', `${who}: ${refusal(status, text)}`)
    return readApplications(parseJson(text, who), who)
  }
  async function changed(
    last: EurekaRegistry,
    signal: AbortSignal,
  ): Promise<EurekaRegistry | undefined> {
    const delta = await get(`${path}/delta`, signal)
    const next = withDelta(last, delta)
    return hashOf(next) === delta.hash ? next : undefined
  }
  return async function fetch(signal: AbortSignal): Promise<EurekaRegistry> {
    const last = deltas < DELTAS_IN_A_ROW ? known : undefined
    known = undefined
    const next = last === undefined ? undefined : await changed(last, signal)
    deltas = next === undefined ? 0 : deltas + 1
    known = next ?? registryOf(await get(path, signal))
    return known
  }
}

/** Eureka writes names in capitals, whatever they were registered as. */
async function answerOf(
  registry: EurekaRegistry,
  service: string,
  weight: number,
): Promise<Answer> {
  const name = service.toUpperCase()
  const instances = registry.get(name)
  if (instances === undefined)
    return {
      instances: [],
      notes: [`no application ${name} among ${registry.size}`],
      isUnknown: true,
    }
  const judged = await Promise.all([...instances.values()].map((one) => judgeInstance(one, weight)))
  return {
    instances: judged.flatMap(({ found }) => found ?? []),
    notes: judged.map(({ note }) => note),
  }
}
