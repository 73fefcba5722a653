import { type Stats, statSync } from 'node:fs'
import { stat } from 'node:fs/promises'
import { createSecureContext, type SecureContext, type SecureContextOptions } from 'node:tls'
import type { ServerTlsConfig } from '../config/types.ts'
import type { Logger } from '../telemetry/log.ts'
import { type KeyPair, readCertificates, readKeyPair } from '../tls/pem.ts'
import { protocolOptions } from '../tls/protocol.ts'
import { trustedCas } from '../tls/trusted-cas.ts'

/** The certificates of a listener, as their files say now. */
export type Certificates = {
  /** For clients that name no host, or one that no certificate is for: the first pair's, as in Go. */
  readonly options: SecureContextOptions
  /** The context for a host name; `undefined`: that of `options`. */
  contextFor(host: string): SecureContext | undefined
}

/** Reads the `tls` block's files. Throws a `ConfigError` that names the one that cannot be used. */
export function loadCertificates(config: ServerTlsConfig): Certificates {
  const pairs = config.keys.map(({ publicKey, privateKey }, at) =>
    readKeyPair(
      { cert: publicKey, key: privateKey },
      { cert: `tls.keys[${at}].public_key`, key: `tls.keys[${at}].private_key` },
    ),
  )
  const shared = { ...protocolOptions(config, 'tls'), ...clientCas(config, pairs) }
  const groups = bySameNames(pairs).map((group) => {
    const options = {
      ...shared,
      cert: group.map(({ cert }) => cert),
      key: group.map(({ key }) => key),
    }
    return { leaf: group[0]?.leaf, options, context: createSecureContext(options) }
  })
  const [first] = groups
  return {
    options: first?.options ?? shared,
    contextFor: (host) => groups.find(({ leaf }) => leaf?.checkHost(host) !== undefined)?.context,
  }
}

/** Whom client certificates may come from: this machine's authorities, `ca_certs`, and the own certificates. */
function clientCas(config: ServerTlsConfig, pairs: readonly KeyPair[]): { ca?: string[] } {
  if (!config.enableMtls) return {}
  return {
    ca: [
      ...(config.disableSystemCaPool ? [] : trustedCas(process.env)),
      ...config.caCerts.map((file, at) => readCertificates(file, `tls.ca_certs[${at}]`)),
      ...pairs.map(({ cert }) => cert),
    ],
  }
}

/** Certificates for the same names with keys of different types (RSA and ECDSA) serve together. */
function bySameNames(pairs: readonly KeyPair[]): KeyPair[][] {
  const groups = new Map<string, KeyPair[]>()
  for (const pair of pairs) {
    const names = pair.leaf.subjectAltName ?? pair.leaf.subject
    const group = groups.get(names)
    if (group === undefined) groups.set(names, [pair])
    else if (!group.some(({ keyType }) => keyType === pair.keyType)) group.push(pair)
  }
  return [...groups.values()]
}

export type RenewalOptions = {
  readonly config: ServerTlsConfig
  readonly everyMs: number
  readonly renewed: (certificates: Certificates) => void
  readonly log: Pick<Logger, 'info' | 'error'>
}

/**
 * Looks every so often whether the files changed, and reads them again when they did. Files that cannot be used
 * leave what is served as it is. The returned function ends it.
 */
export function watchCertificates(options: RenewalOptions): () => void {
  const { config, everyMs, renewed, log } = options
  const files = [
    ...config.keys.flatMap(({ publicKey, privateKey }) => [publicKey, privateKey]),
    ...config.caCerts,
  ]
  // Read at once: what changes from here on is noticed.
  let known = files.map(stateNow).join('\n')
  const look = async (): Promise<void> => {
    const now = await stateOf(files)
    if (now === known) return
    known = now
    try {
      renewed(loadCertificates(config))
      log.info('[SERVICE] TLS: the certificates were read again')
    } catch (error) {
      log.error('[SERVICE] TLS: the changed certificates are not used:', error)
    }
  }
  const timer = setInterval(() => void look(), everyMs).unref()
  return () => clearInterval(timer)
}

const MISSING = 'missing'
const described = ({ mtimeMs, size, ino }: Stats): string => `${mtimeMs} ${size} ${ino}`

function stateNow(file: string): string {
  const found = statSync(file, { throwIfNoEntry: false })
  return found === undefined ? MISSING : described(found)
}

async function stateOf(files: readonly string[]): Promise<string> {
  const states = await Promise.all(files.map((file) => stat(file).then(described, () => MISSING)))
  return states.join('\n')
}
