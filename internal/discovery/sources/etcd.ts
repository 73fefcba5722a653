import { type EtcdHost, etcdHosts } from '../../config/etcd-host.ts'
import type { JsonObject, JsonValue } from '../../pipe/pipe.ts'
import {
  type Answer,
  DiscoveryError,
  type Found,
  type Source,
  type SourceFactory,
} from '../discovery.ts'
import { type EtcdApi, etcdApi } from './etcd-api.ts'
import { watchKeys } from './etcd-watch.ts'
import { foundAtUrl } from './found.ts'
import { readHosts } from './hosts-text.ts'
import { asList, asObject, asText } from './json.ts'
import { memberUrls } from './member-urls.ts'
import { readOptions } from './read-options.ts'
import { registryClient } from './registry-client.ts'
import { secretValue } from './watched-file.ts'

const DEFAULT_ENDPOINT = 'http://127.0.0.1:2379'
const DEFAULT_TIMER_MS = 10_000

/** A range of keys in etcd's words. */
export type KeyRange = { readonly key: string; readonly range_end?: string }
/** What was read at once: an answer, and the revision of the store that it is of. */
export type EtcdRead = { readonly answer: Answer; readonly revision: bigint }

/**
 * Keys whose values are URLs (WSO2's way: `etcd(key,default_URL)`), lists or JSON of them, and prefixes (ending in `/`) whose
 * children are the instances.
 */
export const etcdSource: SourceFactory = (written, scope) => {
  const options = readOptions('etcd', written)
  const { members } = memberUrls(options, 'endpoints', [DEFAULT_ENDPOINT], scope.secret)
  const mode = options.oneOf('mode', ['watch', 'poll']) ?? 'watch'
  const timerMs = options.durationMs('timer', 'ms') ?? DEFAULT_TIMER_MS
  const client = registryClient({
    members,
    answerMs: options.durationMs('timeout', 'ms'),
    tls: {
      caFile: options.text('ca_file'),
      certFile: options.text('cert_file'),
      keyFile: options.text('key_file'),
    },
  })
  const api = etcdApi(client, {
    name: options.text('username') || undefined,
    password: secretValue({
      value: options.text('password'),
      file: options.text('password_file'),
      hide: scope.secret,
    }),
    hide: scope.secret,
  })
  const read = (service: string, signal: AbortSignal) =>
    readService(api, entriesOf(service), signal)

  return {
    periodMs: timerMs,
    ask: async (service, signal) => (await read(service, signal)).answer,
    fallback: (service) =>
      etcdHosts(service).flatMap((entry) => ('kind' in entry ? fallbackOf(entry) : [])),
    close: () => client.close(),
    ...(mode === 'poll'
      ? {}
      : {
          watch: (service, tell, signal) =>
            watchKeys({
              api,
              ranges: entriesOf(service).flatMap((entry) =>
                entry.kind === 'url' ? [] : [rangeOf(entry.key)],
              ),
              read: () => read(service, signal),
              tell,
              timerMs,
              signal,
            }),
        }),
  } satisfies Source
}

function entriesOf(service: string): readonly EtcdHost[] {
  return etcdHosts(service).map((entry) => {
    if ('kind' in entry) return entry
    const { reason, at } = entry
    throw new DiscoveryError('broken', `${JSON.stringify(service)}, character ${at}: ${reason}`)
  })
}

/** The URL that an entry names by itself. */
function fallbackOf(entry: EtcdHost): readonly Found[] {
  const url = entry.kind === 'url' ? entry.url : entry.defaultUrl
  const found = url === undefined ? undefined : foundAtUrl(url)
  return found === undefined ? [] : [found]
}

/** One key, or a prefix: up to the same text with its last byte one higher. */
function rangeOf(key: string): KeyRange {
  const bytes = Buffer.from(key)
  if (!key.endsWith('/')) return { key: bytes.toString('base64') }
  const end = Buffer.from(bytes)
  end[end.length - 1] = '/'.charCodeAt(0) + 1
  return { key: bytes.toString('base64'), range_end: end.toString('base64') }
}

async function readService(
  api: EtcdApi,
  entries: readonly EtcdHost[],
  signal: AbortSignal,
): Promise<EtcdRead> {
  const parts = await Promise.allSettled(entries.map((entry) => readEntry(api, entry, signal)))
  const failures = parts.flatMap((part) => (part.status === 'rejected' ? [part.reason] : []))
  const read = parts.flatMap((part) => (part.status === 'fulfilled' ? [part.value] : []))
  signal.throwIfAborted()
  if (read.every(({ instances }) => instances.length === 0) && failures.length > 0)
    throw failures[0]
  const instances = read.flatMap((one) => one.instances)
  const notes = [
    ...read.flatMap((one) => one.notes),
    ...failures.map((error) => String(error.message)),
  ]
  const revisions = read.flatMap(({ revision }) => (revision === undefined ? [] : [revision]))
  return {
    answer: { instances, notes, isPartial: failures.length > 0, isUnknown: instances.length === 0 },
    // Events from the oldest of the reads on: the others' are read twice, which harms nobody.
    revision: revisions.toSorted((one, other) => (one < other ? -1 : 1))[0] ?? 0n,
  }
}

type EntryRead = {
  readonly instances: readonly Found[]
  readonly notes: readonly string[]
  readonly revision: bigint | undefined
}

async function readEntry(api: EtcdApi, entry: EtcdHost, signal: AbortSignal): Promise<EntryRead> {
  if (entry.kind === 'url')
    return {
      instances: fallbackOf(entry),
      notes: [`${entry.url}: as written`],
      revision: undefined,
    }
  const answer = await api.post('/kv/range', rangeOf(entry.key), signal)
  const revision = revisionOf(answer)
  const pairs = (asList(answer['kvs']) ?? []).flatMap(pairOf)
  if (pairs.length === 0) return absent(entry, revision)
  const read = pairs.map(({ key, value }) => ({ key, ...readHosts(value) }))
  const instances = read.flatMap((one) => one.instances)
  const notes = read.flatMap(({ key, instances: found, unusable }) => [
    `key ${key}: ${found.length} instances`,
    ...unusable.map((text) => `key ${key}: dropped ${text}: no URL and no host:port`),
  ])
  if (instances.length === 0) throw new DiscoveryError('broken', `${notes.join('; ')}; no instance`)
  return { instances, notes, revision }
}

/** An absent key is an answer: its default URL serves, at once. */
function absent(entry: EtcdHost & { kind: 'key' }, revision: bigint | undefined): EntryRead {
  const instances = fallbackOf(entry)
  const rest = instances.length === 0 ? '' : `; its default ${entry.defaultUrl} serves`
  return { instances, notes: [`key ${entry.key} is not there${rest}`], revision }
}

/** An empty value has no `value` in JSON. */
function pairOf(kv: JsonValue): readonly { key: string; value: string }[] {
  const pair = asObject(kv)
  if (pair === undefined) return []
  return [{ key: decoded(pair['key']), value: decoded(pair['value']) }]
}

const decoded = (value: JsonValue | undefined): string =>
  Buffer.from(asText(value), 'base64').toString('utf8')

/** 64-bit numbers are texts in etcd's JSON. */
export function revisionOf(answer: JsonObject): bigint | undefined {
  const text = String(asObject(answer['header'])?.['revision'] ?? '')
  return /^\d+$/.test(text) ? BigInt(text) : undefined
}
