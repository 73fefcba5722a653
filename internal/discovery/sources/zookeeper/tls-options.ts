import type { SecureContext } from 'node:tls'
import type { OptionReader } from '../read-options.ts'
import { tlsContext } from '../tls-context.ts'
import { watchedFile } from '../watched-file.ts'

/** How connections to the secure client port are made, read anew for each session; `undefined` without TLS. */
export function tlsOptions(options: OptionReader): () => Promise<SecureContext | undefined> {
  const [caFile, certFile, keyFile] = ['ca_file', 'cert_file', 'key_file'].map((key) =>
    options.text(key),
  )
  const isSaid = caFile !== undefined || certFile !== undefined
  if (!(options.yesOrNo('tls') ?? isSaid)) {
    if (isSaid) throw options.wrong('tls', 'true, or nothing: there are files for it')
    return async () => undefined
  }
  if ((certFile === undefined) !== (keyFile === undefined))
    throw options.wrong(certFile === undefined ? 'cert_file' : 'key_file', 'both, or neither')
  const [ca, cert, key] = [caFile, certFile, keyFile].map(pemIn)
  return async () => {
    const [trusted, own, secret] = await Promise.all([ca?.(), cert?.(), key?.()])
    return tlsContext({ ca: trusted, cert: own, key: secret })
  }
}

const pemIn = (file: string | undefined): (() => Promise<string>) | undefined =>
  file === undefined ? undefined : watchedFile(file, (bytes) => bytes.toString('utf8'))
