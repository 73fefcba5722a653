import assert from 'node:assert/strict'
import { constants, generateKeyPairSync, privateDecrypt, publicEncrypt } from 'node:crypto'
import type { RequestListener } from 'node:http'
import { text } from 'node:stream/consumers'
import { after, before, describe, it } from 'node:test'
import { type Authority, authority, noOpenssl } from '../../../../test/support/certificates.ts'
import { startHttpServer, startHttpsServer } from '../../../../test/support/http-server.ts'
import { lookedUp } from '../../../../test/support/looked-up.ts'
import { packageMissing } from '../../../../test/support/optional-package.ts'
import { KEYS, openedKeyFile, PLAIN_KEY } from '../../../../test/support/sealed-key-file.ts'
import { fileOf } from '../../../../test/support/tokens.ts'
import { ConfigError } from '../../../errors.ts'
import type { JsonObject } from '../../../pipe/pipe.ts'

const CIPHER_KEY = Buffer.from([0, 255, 10, 62, 63])
const VAULT = 'v.vault.test'
const GOOGLE_KEY = 'projects/p/locations/l/keyRings/r/cryptoKeys/k'

type Call = { readonly path: string; readonly body: JsonObject; readonly token: string }
type Answer = readonly [status: number, body: JsonObject | string] | 'none'
type Environment = Readonly<Record<string, string>>
/** A service of some cloud on a socket, which answers as told, and how the gateway gets there. */
type Fake = AsyncDisposable & {
  readonly secretUrl: string
  readonly env: Environment
  /** The calls that wanted something opened. */
  readonly calls: Call[]
  readonly close: () => Promise<void>
}

/** Answers what wants something opened; `token` answers what wants a token first. */
const service =
  (
    calls: Call[],
    answer: (call: Call) => Answer,
    token: (path: string) => JsonObject | undefined = () => undefined,
  ): RequestListener =>
  async (request, response) => {
    const { url: path = '', headers } = request
    const body = await text(request)
    const granted = token(path)
    if (granted !== undefined) return response.end(JSON.stringify(granted))
    const call = { path, body: JSON.parse(body), token: headers.authorization ?? '' }
    calls.push(call)
    const answered = answer(call)
    if (answered === 'none') return
    const [status, content] = answered
    const type = 'application/x-amz-json-1.1'
    response.writeHead(status, { 'Content-Type': type, Location: '/elsewhere' })
    response.end(typeof content === 'string' ? content : JSON.stringify(content))
  }

type Start = (answer?: (call: Call) => Answer, query?: string) => Promise<Fake>

const aws: Start = async (
  answer = () => [200, { KeyId: 'k', Plaintext: PLAIN_KEY.toString('base64') }],
  query = '',
) => {
  const calls: Call[] = []
  const { port, close } = await startHttpServer(service(calls, answer))
  return {
    secretUrl: `awskms:///alias/k?endpoint=http://127.0.0.1:${port}${query}`,
    env: {
      ...{ AWS_ACCESS_KEY_ID: 'AKID', AWS_SECRET_ACCESS_KEY: 'hidden' },
      ...{ AWS_DEFAULT_REGION: 'eu-south-9', AWS_EC2_METADATA_DISABLED: 'true' },
      AWS_MAX_ATTEMPTS: '1',
    },
    ...{ calls, close, [Symbol.asyncDispose]: close },
  }
}

const google: Start = async (
  answer = () => [200, { plaintext: PLAIN_KEY.toString('base64') }],
  query = '',
) => {
  const calls: Call[] = []
  const grant = (path: string) =>
    path === '/computeMetadata/v1/instance/service-accounts/default/token'
      ? { access_token: 'hidden', expires_in: 3599 }
      : undefined
  const { port, close } = await startHttpServer(service(calls, answer, grant))
  return {
    secretUrl: `gcpkms://${GOOGLE_KEY}${query}`,
    env: {
      ...{ HOME: '/nowhere', GCE_METADATA_HOST: `127.0.0.1:${port}` },
      CLOUDSDK_API_ENDPOINT_OVERRIDES_CLOUDKMS: `http://127.0.0.1:${port}`,
    },
    ...{ calls, close, [Symbol.asyncDispose]: close },
  }
}

describe('a key file that a service of a cloud opens', { skip: noOpenssl }, () => {
  let own: Authority
  before(() => {
    own = authority()
    process.env['SSL_CERT_FILE'] = own.ca.certFile
  })
  after(() => {
    delete process.env['SSL_CERT_FILE']
    own[Symbol.dispose]()
  })
  const azure: Start = async (
    answer = () => [200, { kid: 'k', value: PLAIN_KEY.toString('base64url') }],
    query = '',
  ) => {
    const calls: Call[] = []
    const vault = await startHttpsServer(service(calls, answer), own.issue('vault', [VAULT]))
    const machine = await startHttpServer((request, response) => {
      const isRight = (request.url ?? '').includes('resource=https%3A%2F%2Fvault.test&')
      response.writeHead(isRight ? 200 : 400)
      response.end('{"access_token":"hidden","expires_in":"3599"}')
    })
    const close = async () => {
      await Promise.all([vault.close(), machine.close()])
    }
    return {
      secretUrl: `azurekeyvault://${VAULT}:${vault.port}/keys/k${query}`,
      env: {
        IDENTITY_ENDPOINT: `http://127.0.0.1:${machine.port}/msi`,
        ...{ IDENTITY_HEADER: 'hidden', AZURE_CLIENT_ID: 'mine' },
      },
      ...{ calls, close, [Symbol.asyncDispose]: close },
    }
  }
  const opened = ({ secretUrl, env }: Fake, more: Environment = {}, limitMs = 5_000) =>
    openedKeyFile({ secretUrl, cypherKey: CIPHER_KEY, env: { ...env, ...more }, limitMs })
  const keys = JSON.parse(KEYS).keys

  it('is opened by AWS KMS, with the context that the address has', {
    skip: packageMissing('@aws-sdk/client-kms'),
  }, async () => {
    await using kms = await aws(undefined, '&context_a=b&context_c=&dualstack=false')
    assert.deepEqual((await opened(kms)).keys, keys)
    const [{ body, token, path } = { body: {}, token: '', path: '' }] = kms.calls
    const EncryptionContext = { a: 'b', c: '' }
    assert.deepEqual(body, { CiphertextBlob: CIPHER_KEY.toString('base64'), EncryptionContext })
    assert.match(token, /^AWS4-HMAC-SHA256 Credential=AKID\/\d+\/eu-south-9\/kms\/aws4_request, /)
    assert.equal(path, '/')
  })

  it('is opened by Google Cloud KMS, with the data that the address has', async () => {
    await using kms = await google(undefined, '?additional_authenticated_data=-_8%3D')
    const { keys: found, secrets } = await opened(kms)
    assert.deepEqual([found, secrets], [keys, ['hidden']])
    assert.deepEqual(kms.calls, [
      {
        path: `/v1/${GOOGLE_KEY}:decrypt`,
        body: { ciphertext: CIPHER_KEY.toString('base64'), additionalAuthenticatedData: '+/8=' },
        token: 'Bearer hidden',
      },
    ])
  })

  it('is opened by Azure Key Vault, with the latest version of its key or another', async ({
    mock,
  }) => {
    lookedUp(mock, VAULT, '127.0.0.1')
    await using latest = await azure()
    assert.deepEqual((await opened(latest)).secrets, ['hidden'])
    await using fixed = await azure(undefined, '/1?algorithm=RSA1_5')
    assert.deepEqual((await opened(fixed)).keys, keys)
    const value = CIPHER_KEY.toString('base64url')
    const token = 'Bearer hidden'
    assert.deepEqual(
      [...latest.calls, ...fixed.calls],
      [
        ...[
          { path: '/keys/k//decrypt?api-version=7.4', body: { alg: 'RSA-OAEP-256', value }, token },
        ],
        ...[{ path: '/keys/k/1/decrypt?api-version=7.4', body: { alg: 'RSA1_5', value }, token }],
      ],
    )
  })

  it('is opened by what really holds the key of Azure’s algorithm', async ({ mock }) => {
    lookedUp(mock, VAULT, '127.0.0.1')
    const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
    const padding = { padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha256' }
    await using vault = await azure(({ body }) => {
      const sealed = Buffer.from(String(body['value']), 'base64url')
      const plain = privateDecrypt({ key: privateKey, ...padding }, sealed)
      return [200, { value: plain.toString('base64url') }]
    })
    const cypherKey = publicEncrypt({ key: publicKey, ...padding }, PLAIN_KEY)
    const { secretUrl, env } = vault
    assert.deepEqual((await openedKeyFile({ secretUrl, env, cypherKey })).keys, keys)
  })

  const message = (words: string) => ({ error: { code: 'X', message: words } })
  const CLOUDS = [
    {
      ...{ name: 'AWS KMS', start: aws, skip: packageMissing('@aws-sdk/client-kms') },
      other: { Plaintext: btoa('another key') },
      refusals: [
        [400, { __type: 'AccessDeniedException', Message: 'not authorized' }],
        [400, { __type: 'InvalidCiphertextException', Message: '' }],
      ],
      words: [/AWS KMS: AccessDeniedException: not authorized$/, /AWS KMS: InvalidCiphertext/],
      without: { AWS_ACCESS_KEY_ID: '', AWS_SECRET_ACCESS_KEY: '', HOME: '/nowhere' },
      nobody: /AWS KMS: CredentialsProviderError: Could not load credentials/,
    },
    {
      ...{ name: 'Google Cloud KMS', start: google, skip: false },
      other: { plaintext: btoa('another key') },
      refusals: [
        [403, message("Permission 'useToDecrypt' denied")],
        [400, message('Decryption failed')],
      ],
      words: [/Google Cloud KMS answered 403: Permission 'useTo/, /400: Decryption failed$/],
      without: { GCE_METADATA_HOST: '127.0.0.1:9' },
      nobody: /ECONNREFUSED/,
    },
    {
      ...{ name: 'Azure Key Vault', start: azure, skip: false },
      other: { value: Buffer.from('another key').toString('base64url') },
      refusals: [
        [403, message('Caller is not authorized')],
        [400, message('The parameter is incorrect.')],
      ],
      words: [/Azure Key Vault answered 403: Caller is/, /400: The parameter is incorrect\.$/],
      without: {
        ...{ IDENTITY_ENDPOINT: '', IDENTITY_HEADER: '', PATH: '/nowhere' },
        AZURE_POD_IDENTITY_AUTHORITY_HOST: 'http://127.0.0.1:9',
      },
      nobody: /no identity for Azure: Environment.*; Workload.*; Managed.*; AzureCLI/,
    },
  ] as const

  for (const { name, start, skip, other, refusals, words, without, nobody } of CLOUDS)
    it(`stops the start with its place and reason when ${name} does not open it`, { skip }, async ({
      mock,
    }) => {
      lookedUp(mock, VAULT, '127.0.0.1')
      const fails = async (answer: Answer, reason: RegExp, more = {}, limitMs = 5_000) => {
        await using fake = await start(() => answer)
        await assert.rejects(opened(fake, more, limitMs), (error: Error) => {
          assert.match(error.message, reason)
          assert.match(error.message, /^here\.(?:secret_url: cypher_key was not|jwk_local_path: )/)
          return error instanceof ConfigError && !error.message.includes('hidden')
        })
        return fake
      }
      for (const [at, answer] of refusals.entries())
        await fails(answer as Answer, words[at] as RegExp)
      await fails([200, other], /jwk_local_path: the file cannot be decrypted with cypher_key$/)
      for (const garbage of ['<html>', '[]', '{}', ''])
        await fails([200, garbage], /AWS KMS: |answered 200$/)
      await fails('none', /no answer within 0\.4 s$/, {}, 400)
      assert.equal((await fails([307, ''], /AWS KMS: |answered 307$/)).calls.length, 1)
      assert.equal((await fails([200, other], nobody, without)).calls.length, 0)
      const gone = await start()
      await gone.close()
      await assert.rejects(
        opened(gone),
        /here\.secret_url: cypher_key was not opened: .*ECONNREFUSED/,
      )
    })

  it('names the place of credentials that cannot work', async () => {
    await using kms = await google()
    using file = fileOf('credentials.json', Buffer.from('{"type":"external_account"}'))
    const env = { GOOGLE_APPLICATION_CREDENTIALS: file.file }
    await assert.rejects(opened(kms, env), /^ConfigError: here\.secret_url: .*lack "audience"/)
  })
})
