import { readFileSync } from 'node:fs'
import type { JsonObject } from '../../pipe/pipe.ts'
import { DiscoveryError, type SourceScope } from '../discovery.ts'
import { asList, asObject, asText, parseJson } from './json.ts'
import { memberUrls } from './member-urls.ts'
import type { OptionReader } from './read-options.ts'
import { type RegistryClient, refusal, registryClient } from './registry-client.ts'
import { secretValue } from './watched-file.ts'

/** Where Kubernetes puts what a pod needs to talk to it. */
const ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount'
const PAGE_SIZE = 500
/** Lists begun anew before it counts as a failure. */
const MOST_STARTS = 3

/** The slices of one service by name, and the version of the whole that they are. */
export type Slices = { readonly slices: Map<string, JsonObject>; readonly version: string }

export type KubernetesApi = {
  readonly client: RegistryClient
  readonly namespace: string
}

/** A client of the API server, by default the one of the cluster that we run in. */
export function kubernetesApi(options: OptionReader, scope: SourceScope): KubernetesApi {
  const inCluster = process.env['KUBERNETES_SERVICE_HOST']
  const isOwnCluster = options.text('address') === undefined && inCluster !== undefined
  const host = inCluster?.includes(':') ? `[${inCluster}]` : inCluster
  const port = process.env['KUBERNETES_SERVICE_PORT'] ?? '443'
  const { members } = memberUrls(
    options,
    'address',
    [isOwnCluster ? `https://${host}:${port}` : 'https://kubernetes.default.svc'],
    scope.secret,
  )
  const ofAccount = (name: string) => (isOwnCluster ? `${ACCOUNT}/${name}` : undefined)
  const token = secretValue({
    value: options.text('token'),
    file: options.text('token_file') ?? ofAccount('token'),
    hide: scope.secret,
  })
  const client = registryClient({
    members,
    answerMs: options.durationMs('timeout', 'ms'),
    tls: {
      caFile: options.text('ca_file') ?? ofAccount('ca.crt'),
      certFile: options.text('cert_file'),
      keyFile: options.text('key_file'),
    },
    async headers() {
      const value = await token()
      return {
        accept: 'application/json',
        ...(value === undefined ? {} : { authorization: `Bearer ${value}` }),
      }
    },
  })
  return { client, namespace: options.text('namespace') ?? ownNamespace(ofAccount('namespace')) }
}

function ownNamespace(file: string | undefined): string {
  if (file === undefined) return 'default'
  try {
    return readFileSync(file, 'utf8').trim()
  } catch {
    return 'default' // A pod without an account: what it may see is another question.
  }
}

/** The path of the slices of a service. */
export function slicesPath(
  namespace: string,
  service: string,
  more: Record<string, string>,
): string {
  const query = new URLSearchParams({
    labelSelector: `kubernetes.io/service-name=${service}`,
    ...more,
  })
  return `/apis/discovery.k8s.io/v1/namespaces/${encodeURIComponent(namespace)}/endpointslices?${query}`
}

/** All slices of a service, page by page; a page that fails fails the whole list. */
export async function listSlices(
  client: RegistryClient,
  namespace: string,
  service: string,
  signal: AbortSignal,
): Promise<Slices> {
  // A page that became too old while we read the ones before: from the start.
  for (let turn = 1; turn <= MOST_STARTS; turn++) {
    const slices = await listPages(client, namespace, service, signal)
    if (slices !== undefined) return slices
  }
  throw new DiscoveryError(
    'unreachable',
    `the slices of ${service} change faster than they can be listed`,
  )
}

async function listPages(
  client: RegistryClient,
  namespace: string,
  service: string,
  signal: AbortSignal,
): Promise<Slices | undefined> {
  const slices = new Map<string, JsonObject>()
  let next = ''
  for (;;) {
    const page = { limit: String(PAGE_SIZE), ...(next === '' ? {} : { continue: next }) }
    const { status, text, who } = await client.call(
      { path: slicesPath(namespace, service, page) },
      signal,
    )
    if (status === 410 && next !== '') return undefined
    if (status !== 200)
      throw new DiscoveryError('unreachable', `${who}: ${refusal(status, messageOf(text))}`)
    const list = asObject(parseJson(text, who))
    const metadata = asObject(list?.['metadata'])
    const items =
      list === undefined || !Array.isArray(list['items']) ? undefined : asList(list['items'])
    if (items === undefined || metadata === undefined)
      throw new DiscoveryError('broken', `${who}: no list of slices`)
    for (const item of items) addSlice(slices, asObject(item))
    next = asText(metadata['continue'])
    if (next === '') return { slices, version: asText(metadata['resourceVersion']) }
  }
}

export function addSlice(slices: Map<string, JsonObject>, slice: JsonObject | undefined): void {
  if (slice !== undefined) slices.set(nameOf(slice), slice)
}

export const nameOf = (slice: JsonObject): string => asText(asObject(slice['metadata'])?.['name'])

/** The message of a Status object, or the text itself. */
function messageOf(text: string): string {
  try {
    return asText(asObject(JSON.parse(text))?.['message']) || text
  } catch {
    return text // Whatever answered, it was not the API server.
  }
}
