import { hash, X509Certificate } from 'node:crypto'
import { rootCertificates, type TLSSocket } from 'node:tls'
import { type SmallFetch, smallFetch } from '../../../client/small-fetch.ts'
import type { ServiceConfig } from '../../../config/types.ts'
import type { JsonObject, JsonValue } from '../../../pipe/pipe.ts'
import { COMPATIBILITY_VERSION } from '../../../version.ts'
import { pathOf } from '../../feature.ts'
import type { MainService } from '../../main-service.ts'
import { optionsOf } from '../options.ts'
import { asQuestion, keySource, type RemoteSource } from './key-source.ts'
import { KeyStore, type KeyWish } from './key-store.ts'
import { keysOfSet } from './keys.ts'
import { KEYS_TOPIC, sourceName } from './remote-keys.ts'

const USER_AGENT = `KrakenD Version ${COMPATIBILITY_VERSION}`
const NAMESPACES = ['auth/validator', 'auth/signer'] as const
/** What a key set may call itself (RFC 7517, 8.5.1), as a start of its Content-Type. */
const TYPES = ['application/json', 'application/jwk-set+json']

type Question = KeyWish & { readonly source: RemoteSource }
type Opened = { readonly store: KeyStore; readonly client: SmallFetch }

/** Fetches key sets for all threads, each source once at a time. Sources that are kept are fetched at the start. */
export const keyService: MainService = {
  topic: KEYS_TOPIC,
  start({ config, log, tell }) {
    const kept = remoteSources(config)
    if (kept.length === 0) return undefined
    const sources = new Map<string, Opened>()
    const open = (source: RemoteSource): Opened => {
      const name = sourceName(asQuestion(source))
      const known = sources.get(name)
      if (known !== undefined) return known
      const client = clientOf(source)
      const fetch = () => fetchKeys(source.url, client)
      const opened = {
        client,
        store: new KeyStore({
          fetch,
          clock: () => performance.now(),
          changed: (version) => tell(KEYS_TOPIC, name, { source: name, version }),
        }),
      }
      sources.set(name, opened)
      return opened
    }
    const started = kept.filter(({ isKept }) => isKept).map(({ source }) => open(source).store)
    for (const store of new Set(started))
      store.prefetch((error) => log.warning('[SERVICE: JOSE] fetching keys:', error))
    return {
      async answer(question) {
        const { source, ...wish } = question as unknown as Question
        return (await open(source).store.answer(wish)) as unknown as JsonValue
      },
      async close() {
        await Promise.all([...sources.values()].map(({ client }) => client.close()))
      },
    }
  },
}

/** Every source that some endpoint fetches keys from, and whether it keeps them. */
function remoteSources(config: ServiceConfig): { source: RemoteSource; isKept: boolean }[] {
  return config.endpoints.flatMap((endpoint) =>
    NAMESPACES.flatMap((namespace) => {
      const value = endpoint.extraConfig[namespace]
      if (value === undefined) return []
      const place = { service: config, endpoint }
      const options = optionsOf(value, pathOf(namespace, place))
      const source = keySource(options)
      if (source.kind !== 'remote') return []
      const isKept = namespace === 'auth/signer' || options.flag('cache')
      return [{ source: source.remote, isKept }]
    }),
  )
}

function clientOf({ isInsecure, fingerprints, ca, ciphers }: RemoteSource): SmallFetch {
  const tls = {
    minVersion: 'TLSv1.2',
    ciphers,
    rejectUnauthorized: !isInsecure,
    ...(ca === '' ? {} : { ca: [...rootCertificates, ca] }),
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
