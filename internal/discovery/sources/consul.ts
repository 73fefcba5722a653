import { setTimeout as wait } from 'node:timers/promises'
import type { JsonObject, JsonValue } from '../../pipe/pipe.ts'
import {
  type Answer,
  DiscoveryError,
  type Found,
  type Source,
  type SourceFactory,
} from '../discovery.ts'
import { foundAt, hostOf, isPort, metadataOf, weightOf } from './found.ts'
import { asList, asObject, asText, parseJson } from './json.ts'
import { memberUrls } from './member-urls.ts'
import { readOptions } from './read-options.ts'
import { refusal, registryClient } from './registry-client.ts'
import { secretValue } from './watched-file.ts'

const DEFAULT_ADDRESS = 'http://127.0.0.1:8500'
/** How long a blocking query waits: also how often an unchanged list is confirmed. */
const DEFAULT_WAIT_MS = 30_000
/** Consul adds up to a sixteenth to `wait`. */
const WAIT_SPREAD = 1 / 16
const ANSWER_MS = 5000
/** Answers that come faster than this are slowed down, as Consul asks its users to. */
const SHORTEST_ROUND_MS = 100

type Health = { readonly answer: Answer; readonly index: bigint }

/** Services of Consul's health API, watched by blocking queries. */
export const consulSource: SourceFactory = (written, scope) => {
  const options = readOptions('consul', written)
  const { members } = memberUrls(options, 'address', [DEFAULT_ADDRESS], scope.secret)
  const waitMs = options.durationMs('wait', 's') ?? DEFAULT_WAIT_MS
  const takesWarning = options.yesOrNo('warning') ?? true
  const token = secretValue({
    value: options.text('token'),
    file: options.text('token_file'),
    hide: scope.secret,
  })
  const client = registryClient({
    members,
    answerMs: ANSWER_MS,
    tls: {
      caFile: options.text('ca_file'),
      certFile: options.text('cert_file'),
      keyFile: options.text('key_file'),
    },
    async headers() {
      const value = await token()
      return value === undefined ? {} : { 'x-consul-token': value }
    },
  })
  const fixed = parameters({
    dc: options.text('datacenter'),
    ns: options.text('namespace'),
    partition: options.text('partition'),
    filter: options.text('filter'),
    tag: options.texts('tags'),
  })

  /** With an index it waits for a change, at most `waitMs`. */
  async function health(
    service: string,
    index: bigint | undefined,
    signal: AbortSignal,
  ): Promise<Health> {
    const blocking: [string, string][] =
      index === undefined
        ? []
        : [
            ['index', String(index)],
            ['wait', `${waitMs}ms`],
          ]
    const query = new URLSearchParams([...fixed, ...blocking])
    const path = `/v1/health/service/${encodeURIComponent(service)}?${query}`
    const answerMs = index === undefined ? ANSWER_MS : waitMs * (1 + WAIT_SPREAD) + ANSWER_MS
    const reply = await client.call({ path, answerMs }, signal)
    const { status, text, who } = reply
    if (status !== 200) throw new DiscoveryError('unreachable', `${who}: ${refusal(status, text)}`)
    const entries = asList(parseJson(text, who))
    if (entries === undefined || !text.trimStart().startsWith('['))
      throw new DiscoveryError('broken', `${who}: the answer is no list`)
    const acl = reply.header('x-consul-default-acl-policy')
    const answer =
      entries.length === 0
        ? { instances: [], notes: [unknown(service, acl)], isUnknown: true }
        : answerOf(entries, takesWarning)
    return { answer, index: indexOf(reply.header('x-consul-index')) }
  }

  return {
    ask: async (service, signal) => (await health(service, undefined, signal)).answer,
    async watch(service, tell, signal) {
      let index: bigint | undefined
      try {
        for (;;) {
          const startedMs = performance.now()
          const next = await health(service, index, signal)
          tell(next.answer)
          // A lower index is another history: everything is asked for again.
          const isReset = next.index < 1n || (index !== undefined && next.index < index)
          index = isReset ? undefined : next.index
          if (performance.now() - startedMs < SHORTEST_ROUND_MS)
            await wait(SHORTEST_ROUND_MS, undefined, { signal, ref: false })
        }
      } catch (error) {
        if (!signal.aborted) throw error
      }
    },
    close: () => client.close(),
  } satisfies Source
}

function parameters(
  written: Readonly<Record<string, string | readonly string[] | undefined>>,
): [string, string][] {
  return Object.entries(written).flatMap(([name, value]) =>
    value === undefined ? [] : [value].flat().map((one): [string, string] => [name, one]),
  )
}

/** Consul answers alike for names it does not know and for tokens that may not see them. */
const unknown = (service: string, aclPolicy: string | undefined): string =>
  `no service ${service}${aclPolicy === 'deny' ? ', or the token may not see it (the ACL policy is deny)' : ''}`

const indexOf = (header: string | undefined): bigint =>
  header !== undefined && /^\d+$/.test(header) ? BigInt(header) : 0n

function answerOf(entries: readonly JsonValue[], takesWarning: boolean): Answer {
  const judged = entries.map((entry) => judge(asObject(entry) ?? {}, takesWarning))
  return {
    instances: judged.flatMap(({ found }) => found ?? []),
    notes: judged.map(({ note }) => note),
  }
}

function judge(entry: JsonObject, takesWarning: boolean): { found?: Found; note: string } {
  const service = asObject(entry['Service'])
  const node = asObject(entry['Node'])
  if (service === undefined) return { note: 'dropped an entry without a service' }
  const id = asText(service['ID']) || asText(service['Service'])
  const dropped = (reason: string) => ({ note: `${id}: dropped, ${reason}` })
  const state = worstCheck(asList(entry['Checks']) ?? [])
  if (state === 'critical' || (state === 'warning' && !takesWarning))
    return dropped(`a check is ${state}`)
  const host = hostOf(asText(service['Address']) || asText(node?.['Address']))
  const port = service['Port']
  if (host === undefined) return dropped('it has no address')
  if (!isPort(port)) return dropped(`its port is ${String(port)}`)
  const weights = asObject(service['Weights'])
  const metadata = metadataOf(service['Meta'])
  const tags = (asList(service['Tags']) ?? []).map(asText).join(',')
  const found = foundAt({
    host,
    port,
    weight: weightOf(weights?.[state === 'warning' ? 'Warning' : 'Passing']) ?? 1,
    zone: metadata['zone'] ?? asText(asObject(asObject(node)?.['Meta'])?.['zone']),
    metadata: { ...metadata, ...(tags === '' ? {} : { tags }) },
  })
  return { found, note: `${id}: kept, ${state} at ${host}:${port}` }
}

function worstCheck(checks: readonly JsonValue[]): 'passing' | 'warning' | 'critical' {
  const states = checks.map((check) => asText(asObject(check)?.['Status']))
  if (states.includes('critical') || states.includes('maintenance')) return 'critical'
  return states.includes('warning') ? 'warning' : 'passing'
}
