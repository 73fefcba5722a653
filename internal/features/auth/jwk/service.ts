import { hash, X509Certificate } from 'node:crypto'
import type { TLSSocket } from 'node:tls'
import { type SmallFetch, smallFetch } from '../../../client/small-fetch.ts'
import { type Options, optionsOf } from '../../../config/options.ts'
import type { ServiceConfig } from '../../../config/types.ts'
import type { JsonObject, JsonValue } from '../../../pipe/pipe.ts'
import { COMPATIBILITY_VERSION } from '../../../version.ts'
import { pathOf } from '../../feature.ts'
import type { MainScope, MainService } from '../../main-service.ts'
import { asQuestion, type KeySource, keySource, type RemoteSource } from './key-source.ts'
import { KeyStore, type KeyWish } from './key-store.ts'
import { keysOfSet } from './keys.ts'
import { KEYS_TOPIC, sourceName } from './remote-keys.ts'
import { sealedKeys } from './sealed-keys.ts'

const USER_AGENT = `KrakenD Version ${COMPATIBILITY_VERSION}`
const NAMESPACES = ['auth/validator', 'auth/signer'] as const
/** What a key set may call itself (RFC 7517, 8.5.1), as a start of its Content-Type. */
const TYPES = ['application/json', 'application/jwk-set+json']

type Question = KeyWish & { readonly source: JsonObject }
type Opened = { readonly store: KeyStore; close(): Promise<void> }

/**
 * Holds key sets for all threads. Those of URLs are fetched, each source once at a time, and at the start when they
 * are kept. Files that only a service can open are opened at the start, or it fails.
 */
export const keyService: MainService = {
  topic: KEYS_TOPIC,
  async start(scope) {
    const sources = new Map<string, Opened>()
    const kept = new Set<KeyStore>()
    for (const asked of askedSources(scope.config)) {
      const name = sourceName(asQuestion(asked.source))
      const opened = sources.get(name) ?? (await open(asked, name, scope))
      sources.set(name, opened)
      if (asked.isKept) kept.add(opened.store)
    }
    if (sources.size === 0) return undefined
    for (const store of kept)
      store.prefetch((error) => scope.log.warning('[SERVICE: JOSE] fetching keys:', error))
    return {
      async answer(question) {
        const { source, ...wish } = question as unknown as Question
        const opened = sources.get(sourceName(source))
        if (opened === undefined) throw new Error('the configuration has no such key set')
        return (await opened.store.answer(wish)) as unknown as JsonValue
      },
      async close() {
        await Promise.all([...sources.values()].map((opened) => opened.close()))
      },
    }
  },
}

type Asked = {
  readonly source: Exclude<KeySource, { kind: 'file' }>
  readonly options: Options
  readonly isKept: boolean
}

/** Every source that some endpoint asks the main thread for, and whether it keeps what it gets. */
function askedSources(config: ServiceConfig): Asked[] {
  return config.endpoints.flatMap((endpoint) =>
    NAMESPACES.flatMap((namespace) => {
      const value = endpoint.extraConfig[namespace]
      if (value === undefined) return []
      const options = optionsOf(value, pathOf(namespace, { service: config, endpoint }))
      const source = keySource(options)
      if (source.kind === 'file') return []
      const isKept =
        source.kind === 'remote' && (namespace === 'auth/signer' || options.flag('cache'))
      return [{ source, options, isKept }]
    }),
  )
}

async function open({ source, options }: Asked, name: string, scope: MainScope): Promise<Opened> {
  const storeOf = (fetch: () => Promise<readonly JsonObject[]>) =>
    new KeyStore({
      fetch,
      clock: () => performance.now(),
      changed: (version) => scope.tell(KEYS_TOPIC, name, { source: name, version }),
    })
  if (source.kind === 'sealed') {
    const keys = await sealedKeys(source, options, scope)
    return { store: storeOf(async () => keys), close: async () => {} }
  }
  const { remote } = source
  const client = clientOf(remote)
  return { store: storeOf(() => fetchKeys(remote.url, client)), close: client.close }
}

function clientOf({ isInsecure, fingerprints, ca, ciphers }: RemoteSource): SmallFetch {
  const tls = {
    minVersion: 'TLSv1.2',
    ciphers,
    rejectUnauthorized: !isInsecure,
    ...(ca === '' ? {} : { ca: [ca] }),
  } as const
  if (fingerprints.length === 0) return smallFetch({ tls })
  return smallFetch({
    tls,
    refuse: (socket) =>
      publicKeyDigests(socket).some((digest) => fingerprints.includes(digest))
        ? undefined
        : 'JWK client did not find a pinned key',
  })
}

/** SHA-256 of the public key of every certificate that the server sent. */
function publicKeyDigests(socket: TLSSocket): string[] {
  const digests: string[] = []
  const seen = new Set<string>()
  let certificate: ReturnType<TLSSocket['getPeerCertificate']> | undefined =
    socket.getPeerCertificate(true)
  while (certificate?.raw !== undefined && !seen.has(certificate.fingerprint256)) {
    seen.add(certificate.fingerprint256)
    const { publicKey } = new X509Certificate(certificate.raw)
    const der = publicKey.export({ type: 'spki', format: 'der' })
    digests.push(hash('sha256', der, 'base64url'))
    certificate = 'issuerCertificate' in certificate ? issuerOf(certificate) : undefined
  }
  return digests
}

const issuerOf = (certificate: object): ReturnType<TLSSocket['getPeerCertificate']> =>
  (certificate as { issuerCertificate: ReturnType<TLSSocket['getPeerCertificate']> })
    .issuerCertificate

/** The status does not matter to KrakenD; the type and the keys do. */
async function fetchKeys(url: string, client: SmallFetch): Promise<JsonObject[]> {
  const { type, text } = await client.fetch({
    method: 'GET',
    url,
    headers: ['User-Agent', USER_AGENT],
  })
  if (!TYPES.some((start) => type.startsWith(start)))
    throw new Error('should have a JSON content type for JWKS endpoint')
  return keysOfSet(text)
}
