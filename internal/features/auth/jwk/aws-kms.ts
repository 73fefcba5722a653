import { optionalPackage } from '../../../brokers/optional-package.ts'
import { AWS_OPTIONS, awsOptions } from '../../../cloud/aws-options.ts'
import type { Options } from '../../../config/options.ts'
import { type OpenSecret, onlyParameters, type SecretAddress } from './secret-address.ts'

/** The part of the package `@aws-sdk/client-kms` that is used here. */
type KmsLibrary = {
  readonly KMSClient: new (
    options: object,
  ) => {
    send(
      command: object,
      options: { readonly abortSignal: AbortSignal },
    ): Promise<{ readonly Plaintext?: Uint8Array }>
    destroy(): void
  }
  readonly DecryptCommand: new (input: object) => object
}

const CONTEXT = 'context_'

/**
 * `awskms://KEY?region=REGION`, where the key is an id, an alias or an ARN. KMS finds it in what it sealed: as in
 * gocloud.dev, the name is not sent. Parameters `context_NAME` are the encryption context.
 */
export function awsKey(address: SecretAddress, options: Options): OpenSecret {
  const names = [...address.query.keys()].filter((name) => name.startsWith(CONTEXT))
  onlyParameters(address, [...AWS_OPTIONS, ...names], options)
  const pairs = names.map((name) => [name.slice(CONTEXT.length), address.query.get(name) ?? ''])
  if (new Set(names).size < names.length)
    throw options.wrong('secret_url', 'a parameter context_... stands twice')
  const path = options.path('secret_url')
  const EncryptionContext = pairs.length === 0 ? undefined : Object.fromEntries(pairs)
  return async function openedByAws(sealed, { env, signal }) {
    const library = optionalPackage('@aws-sdk/client-kms', path) as KmsLibrary
    const { KMSClient, DecryptCommand } = library
    const client = new KMSClient(awsOptions(address.query, env))
    try {
      const command = new DecryptCommand({ CiphertextBlob: sealed, EncryptionContext })
      const { Plaintext: plain } = await client.send(command, { abortSignal: signal })
      if (plain === undefined) throw new Error('no plain text in the answer')
      return Buffer.from(plain)
    } catch (error) {
      throw new Error(`AWS KMS: ${reasonIn(error as Error)}`, { cause: error })
    } finally {
      client.destroy()
    }
  }
}

/** What was meant to be read may be what was opened: it is not repeated. */
const reasonIn = ({ name, message }: Error): string =>
  name === 'SyntaxError' ? 'the answer cannot be read' : `${name}: ${message}`
