import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { IncomingMessage, RequestListener } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { describe, it } from 'node:test'
import { authority, noOpenssl } from '../../../../test/support/certificates.ts'
import { startHttpServer } from '../../../../test/support/http-server.ts'
import { KEYS, openedKeyFile, PLAIN_KEY } from '../../../../test/support/sealed-key-file.ts'
import { ConfigError } from '../../../errors.ts'
import { vaultAccess } from './vault.ts'

const CIPHER_KEY = 'vault:v1:sealed-key'

/** What Vault's transit engine answers to a decrypt call. */
const vaultReply = (plain: Buffer) =>
  JSON.stringify({ data: { plaintext: plain.toString('base64') } })

/** Opens a sealed file with the environment's variables and a server that answers as Vault. */
async function opened(
  listener: RequestListener,
  { url = 'hashivault://jwk', content = KEYS, env = {} as Record<string, string> } = {},
) {
  await using vault = await startHttpServer(listener)
  return await openedKeyFile({
    ...{ secretUrl: url, cypherKey: Buffer.from(CIPHER_KEY), content },
    env: { VAULT_SERVER_URL: vault.url, VAULT_SERVER_TOKEN: 's.secret', ...env },
  })
}
const answering =
  (status: number, body: string): RequestListener =>
  (_request, response) =>
    response.writeHead(status, { 'Content-Type': 'application/json' }).end(body)
const refused = (work: Promise<unknown>, pattern: RegExp) =>
  assert.rejects(work, (error) => error instanceof ConfigError && pattern.test(error.message))

describe('a key file that HashiCorp Vault opens', () => {
  it('is opened by the transit engine, asked as Vault documents it', async () => {
    const seen: { request: IncomingMessage; body: string }[] = []
    const answer: RequestListener = async (request, response) => {
      seen.push({ request, body: await text(request) })
      response.end(vaultReply(PLAIN_KEY))
    }
    const env = { VAULT_NAMESPACE: 'team' }
    const { keys, secrets } = await opened(answer, { env })
    assert.deepEqual(keys, JSON.parse(KEYS).keys)
    assert.deepEqual(secrets, ['s.secret'], 'the token is never printed')
    await opened(answer, { url: 'hashivault://folder/jwk?engine=secrets/transit' })
    assert.deepEqual(
      seen.map(({ request }) => `${request.method} ${request.url}`),
      ['POST /v1/transit/decrypt/jwk', 'POST /v1/secrets/transit/decrypt/folder/jwk'],
    )
    assert.deepEqual(
      seen.map(({ request }) => request.headers['x-vault-namespace']),
      ['team', undefined],
    )
    assert.equal(seen[0]?.request.headers['x-vault-token'], 's.secret')
    assert.deepEqual(JSON.parse(seen[0]?.body ?? ''), { ciphertext: CIPHER_KEY })
  })

  it('stops the start with Vault’s words when Vault refuses, and with what is wrong otherwise', async () => {
    await refused(
      opened(answering(403, '{"errors":["permission denied"]}')),
      /^here\.secret_url: cypher_key was not opened: Vault answered 403: permission denied$/,
    )
    await refused(opened(answering(200, '<html>')), /not opened: Vault answered 200$/)
    await refused(opened(answering(200, '{"data":{"plaintext":7}}')), /Vault answered 200$/)
    await refused(
      opened(answering(200, vaultReply(Buffer.from('another key')))),
      /^here\.jwk_local_path: the file cannot be decrypted with cypher_key$/,
    )
    const noSet = opened(answering(200, vaultReply(PLAIN_KEY)), { content: '{"keys":[]}' })
    await refused(noSet, /^here\.jwk_local_path: the key set holds no key$/)
    const nowhere = { env: { VAULT_SERVER_URL: 'http://127.0.0.1:9' } }
    await refused(opened(answering(200, ''), nowhere), /^here\.secret_url: .*ECONNREFUSED/)
  })

  it('never hands the token to where a redirect points', async () => {
    const tokens: (string | undefined)[] = []
    await using other = await startHttpServer((request, response) => {
      tokens.push(request.headers['x-vault-token'] as string | undefined)
      response.end(vaultReply(PLAIN_KEY))
    })
    await refused(
      opened((_request, response) => {
        response.writeHead(307, { Location: `${other.url}/v1/transit/decrypt/jwk` }).end()
      }),
      /Vault answered 307/,
    )
    assert.deepEqual(tokens, [])
  })

  it('asks a Vault that nobody vouches for where VAULT_SKIP_VERIFY says so, with a warning', {
    skip: noOpenssl,
  }, async () => {
    using files = authority()
    const { cert, key } = files.issue('vault', ['vault.test'])
    const server = createHttpsServer({ cert, key }, (_request, response) =>
      response.end(vaultReply(PLAIN_KEY)),
    ).listen(0, '127.0.0.1')
    try {
      await once(server, 'listening')
      const { port } = server.address() as AddressInfo
      const asked = (env: Record<string, string>) =>
        openedKeyFile({
          ...{ secretUrl: 'hashivault://jwk', cypherKey: Buffer.from(CIPHER_KEY) },
          env: { VAULT_ADDR: `https://127.0.0.1:${port}`, ...env },
        })
      for (const env of [{}, { VAULT_SKIP_VERIFY: 'F' }])
        await refused(asked(env as Record<string, string>), /not opened: .*certificate/i)
      const { keys, warnings } = await asked({ VAULT_SKIP_VERIFY: 'true' })
      assert.deepEqual(keys, JSON.parse(KEYS).keys)
      assert.match(warnings.join(), /^here\.secret_url: VAULT_SKIP_VERIFY is set: /)
      await refused(asked({ VAULT_SKIP_VERIFY: 'yes' }), /VAULT_SKIP_VERIFY is neither true nor/)
    } finally {
      server.close()
    }
  })

  it('needs to know where Vault is', () => {
    for (const VAULT_SERVER_URL of ['', 'vault:8200', 'ftp://vault'])
      assert.throws(() => vaultAccess({ VAULT_SERVER_URL }), /VAULT_SERVER_URL/)
    const env = { VAULT_ADDR: 'https://vault:8200/', VAULT_TOKEN: 't', VAULT_CACERT: '/ca.pem' }
    assert.deepEqual(vaultAccess(env), {
      url: 'https://vault:8200',
      token: 't',
      namespace: '',
      caFile: '/ca.pem',
      takesAnybody: false,
    })
    const own = { ...env, VAULT_SERVER_URL: 'http://own', VAULT_SERVER_TOKEN: 'o' }
    assert.deepEqual(
      [vaultAccess(own).url, vaultAccess(own).token],
      ['http://own', 'o'],
      'gocloud.dev’s own variables win',
    )
  })
})
