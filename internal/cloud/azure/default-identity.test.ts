import assert from 'node:assert/strict'
import { constants, createHash, createPublicKey, verify } from 'node:crypto'
import { chmodSync, writeFileSync } from 'node:fs'
import type { IncomingMessage, RequestListener } from 'node:http'
import path from 'node:path'
import { text } from 'node:stream/consumers'
import { after, before, describe, it } from 'node:test'
import { type Authority, authority, noOpenssl } from '../../../test/support/certificates.ts'
import { startHttpServer, startHttpsServer } from '../../../test/support/http-server.ts'
import { fileOf } from '../../../test/support/tokens.ts'
import { smallFetch } from '../../client/small-fetch.ts'
import { ConfigError } from '../../errors.ts'
import { defaultIdentity } from './default-identity.ts'

const NOW_MS = Date.parse('2026-01-01T00:00:00Z')
const SCOPE = 'https://vault.azure.net/.default'
/** No machine of Azure, no command line: what the test's own machine may have. */
const NOWHERE = { AZURE_POD_IDENTITY_AUTHORITY_HOST: 'http://127.0.0.1:9', PATH: '/nowhere' }

type Environment = Readonly<Record<string, string>>
const asking = (env: Environment) => {
  const grant = defaultIdentity({ env: { ...NOWHERE, ...env }, path: 'here', scope: SCOPE })
  return async () => {
    const client = smallFetch({ mostRedirects: 0 })
    try {
      return await grant(client, NOW_MS)
    } finally {
      await client.close()
    }
  }
}
const GIVEN = '{"token_type":"Bearer","expires_in":3599,"access_token":"given"}'
const GRANTED = { token: 'given', endsMs: NOW_MS + 3_599_000 }

describe('a machine of Azure', () => {
  /** Remembers what it was asked, and answers the same each time, or in turn. */
  const service = async (...answers: [number, string][]) => {
    const seen: IncomingMessage[] = []
    const server = await startHttpServer((request, response) => {
      // The probe: without its header the real service refuses.
      const isProbe = request.url === '/metadata/identity/oauth2/token'
      if (!isProbe) seen.push(request)
      const answer = answers[Math.min(seen.length, answers.length) - 1]
      const [status, body] = isProbe ? [400, '{}'] : (answer ?? [500, '{}'])
      response.writeHead(status, { Location: '/elsewhere' }).end(body)
    })
    return { seen, url: server.url, [Symbol.asyncDispose]: () => server.close() }
  }
  const IMDS = '{"access_token":"given","expires_in":"3599","expires_on":"1","resource":"r"}'

  it('says who it is by its own service, with the header that pages cannot send', async () => {
    await using machine = await service([200, IMDS])
    const env = { AZURE_POD_IDENTITY_AUTHORITY_HOST: `${machine.url}/` }
    assert.deepEqual(await asking(env)(), GRANTED)
    await asking({ ...env, AZURE_CLIENT_ID: 'mine' })()
    const query = 'api-version=2018-02-01&resource=https%3A%2F%2Fvault.azure.net'
    assert.deepEqual(
      machine.seen.map(({ url, headers }) => [url, headers['metadata']]),
      [
        [`/metadata/identity/oauth2/token?${query}`, 'true'],
        [`/metadata/identity/oauth2/token?${query}&client_id=mine`, 'true'],
      ],
    )
  })

  it('says it by the endpoint of App Service, or the older one, where there is one', async () => {
    const endS = NOW_MS / 1000 + 60
    await using app = await service([200, `{"access_token":"given","expires_on":"${endS}"}`])
    const granted = { token: 'given', endsMs: NOW_MS + 60_000 }
    const newer = { IDENTITY_ENDPOINT: `${app.url}/msi/token`, IDENTITY_HEADER: 'secret' }
    const older = { MSI_ENDPOINT: `${app.url}/old`, MSI_SECRET: 's', AZURE_CLIENT_ID: 'mine' }
    assert.deepEqual(await asking({ ...newer, ...older, AZURE_CLIENT_ID: '' })(), granted)
    assert.deepEqual(await asking(older)(), granted)
    const [first, second] = app.seen
    const resource = 'resource=https%3A%2F%2Fvault.azure.net'
    assert.equal(first?.url, `/msi/token?api-version=2019-08-01&${resource}`)
    assert.equal(first?.headers['x-identity-header'], 'secret')
    assert.equal(second?.url, `/old?api-version=2017-09-01&${resource}&clientid=mine`)
    assert.equal(second?.headers['secret'], 's')
  })

  it('is asked again while its service is being updated', async () => {
    await using machine = await service([410, '{}'], [500, '{}'], [200, IMDS])
    const env = { AZURE_POD_IDENTITY_AUTHORITY_HOST: machine.url }
    assert.deepEqual(await asking(env)(), GRANTED)
    assert.equal(machine.seen.length, 3)
  })

  it('has no identity when none is assigned, when something else stands there, or when nobody does', async () => {
    const failures: [number, string, RegExp][] = [
      [400, '{"error":"invalid_request"}', /ManagedIdentityCredential: the machine has no such/],
      [200, '<html>login</html>', /ManagedIdentityCredential: http:\S+ is not of Azure/],
      [403, 'connecting to 169.254.169.254: unreachable', /is not of Azure/],
      [307, '', /is not of Azure/],
    ]
    for (const [status, body, reason] of failures) {
      await using machine = await service([status, body])
      const env = { AZURE_POD_IDENTITY_AUTHORITY_HOST: machine.url }
      await assert.rejects(asking(env)(), reason)
    }
    await assert.rejects(
      asking({}),
      /no identity for Azure: EnvironmentCredential: AZURE_TENANT_ID, AZURE_CLIENT_ID not set; Workload.*FEDERATED.*; Managed.*nobody answers at http:\/\/127.0.0.1:9; AzureCLI.*az is not installed$/,
    )
    const arc = { IDENTITY_ENDPOINT: 'http://127.0.0.1:9', IMDS_ENDPOINT: 'http://127.0.0.1:9' }
    await assert.rejects(asking(arc), /Azure Arc.*not asked here/)
  })

  it('that refuses ends the search, and its words are not repeated', async () => {
    await using machine = await service([401, '{"error":"denied","error_description":"hidden"}'])
    const env = { AZURE_POD_IDENTITY_AUTHORITY_HOST: machine.url }
    await assert.rejects(asking(env)(), {
      message: 'ManagedIdentityCredential: Azure gave no access token: status 401, denied',
    })
  })
})

describe('a service principal', { skip: noOpenssl }, () => {
  let own: Authority
  before(() => {
    own = authority()
    process.env['SSL_CERT_FILE'] = own.ca.certFile
  })
  after(() => {
    delete process.env['SSL_CERT_FILE']
    own[Symbol.dispose]()
  })
  /** The server of tokens, on TLS as the real one is. */
  const entra = async (status = 200, answer = GIVEN) => {
    const seen: { url: string; form: Record<string, string> }[] = []
    const listener: RequestListener = async (request, response) => {
      const form = Object.fromEntries(new URLSearchParams(await text(request)))
      seen.push({ url: request.url ?? '', form })
      response.writeHead(status).end(answer)
    }
    const server = await startHttpsServer(listener, own.issue('entra', ['127.0.0.1']))
    const { url } = server
    return {
      ...{ seen, url },
      env: { AZURE_TENANT_ID: 't', AZURE_CLIENT_ID: 'c', AZURE_AUTHORITY_HOST: `${url}/` },
      [Symbol.asyncDispose]: () => server.close(),
    }
  }

  it('proves itself with its secret', async () => {
    await using server = await entra()
    const env = { ...server.env, AZURE_CLIENT_SECRET: 's' }
    assert.deepEqual(await asking(env)(), GRANTED)
    const form = {
      client_id: 'c',
      client_secret: 's',
      grant_type: 'client_credentials',
      scope: SCOPE,
    }
    assert.deepEqual(server.seen, [{ url: '/t/oauth2/v2.0/token', form }])
  })

  it('proves itself with a certificate', async () => {
    await using server = await entra()
    const { cert, key } = own.issue('principal', ['principal'], 'rsa')
    using file = fileOf('principal.pem', Buffer.from(`${key}${cert}`))
    const env = { ...server.env, AZURE_CLIENT_CERTIFICATE_PATH: file.file }
    assert.deepEqual(await asking(env)(), GRANTED)
    const { client_assertion: assertion = '', client_assertion_type: type } =
      server.seen[0]?.form ?? {}
    assert.equal(type, 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer')
    const [head = '', claims = '', signature = ''] = assertion.split('.')
    const read = (part: string) => JSON.parse(Buffer.from(part, 'base64url').toString())
    const der = Buffer.from(cert.replaceAll(/-----.*-----|\s/g, ''), 'base64')
    const digest = createHash('sha256').update(der).digest('base64url')
    assert.deepEqual(read(head), { alg: 'PS256', typ: 'JWT', 'x5t#S256': digest })
    const { aud, iss, sub, exp, nbf } = read(claims)
    assert.deepEqual(
      [aud, iss, sub, exp - nbf],
      [`${server.url}/t/oauth2/v2.0/token`, 'c', 'c', 600],
    )
    const padding = { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 }
    const signed = Buffer.from(`${head}.${claims}`)
    const rightly = { key: createPublicKey(cert), ...padding }
    assert.ok(verify('sha256', signed, rightly, Buffer.from(signature, 'base64url')))
  })

  it('of a pod proves itself with the token that Kubernetes renews', async () => {
    await using server = await entra()
    using file = fileOf('token', Buffer.from('one\n'))
    const ask = asking({ ...server.env, AZURE_FEDERATED_TOKEN_FILE: file.file })
    await ask()
    writeFileSync(file.file, 'two')
    await ask()
    assert.deepEqual(
      server.seen.map(({ form }) => form['client_assertion']),
      ['one', 'two'],
    )
  })

  it('that is refused ends the search: no other identity is taken instead', async () => {
    const words = { error: 'invalid_client', error_description: 'AADSTS7000215: hidden secret' }
    await using server = await entra(401, JSON.stringify(words))
    await using machine = await startHttpServer((_request, response) => response.end(GIVEN))
    const machineHost = { AZURE_POD_IDENTITY_AUTHORITY_HOST: machine.url }
    await assert.rejects(asking({ ...server.env, ...machineHost, AZURE_CLIENT_SECRET: 's' })(), {
      message:
        'EnvironmentCredential: Azure gave no access token: status 401, invalid_client, AADSTS7000215',
    })
    const wrong: [Environment, RegExp][] = [
      [{ AZURE_AUTHORITY_HOST: 'http://127.0.0.1' }, /AZURE_AUTHORITY_HOST is no https address/],
      [{ AZURE_TENANT_ID: '../x' }, /AZURE_TENANT_ID is no tenant/],
      [{ AZURE_CLIENT_SECRET: '', AZURE_CLIENT_CERTIFICATE_PATH: '/nowhere' }, /ENOENT/],
      [
        { AZURE_CLIENT_SECRET: '', AZURE_CLIENT_CERTIFICATE_PATH: own.ca.certFile },
        /holds no private key/,
      ],
      [
        { AZURE_CLIENT_SECRET: '', AZURE_CLIENT_CERTIFICATE_PATH: own.ca.keyFile },
        /holds no certificate of its key/,
      ],
    ]
    const env = { ...server.env, ...machineHost, AZURE_CLIENT_SECRET: 's' }
    for (const [more, reason] of wrong)
      await assert.rejects(asking({ ...env, ...more })(), (error: Error) => {
        assert.match(error.message, reason)
        return error.message.startsWith('EnvironmentCredential: ')
      })
  })
})

describe('who works on a machine', () => {
  it('is whoever is logged in at the command line', async () => {
    const script = `#!/bin/sh
echo '{"accessToken":"'"$5 $6"'","expires_on":1767225660,"expiresOn":"2026-01-01 00:01:00.000000"}'
`
    using az = fileOf('az', Buffer.from(script))
    chmodSync(az.file, 0o755)
    const env = { PATH: `${path.dirname(az.file)}:/bin:/usr/bin` }
    assert.deepEqual(await asking(env)(), {
      ...{ token: '--resource https://vault.azure.net', endsMs: NOW_MS + 60_000 },
    })
    writeFileSync(az.file, '#!/bin/sh\nexit 1\n')
    await assert.rejects(asking(env)(), /AzureCLICredential: az gave no token: is it logged in\?/)
  })

  it('may choose one way of all', async () => {
    await assert.rejects(asking({ AZURE_TOKEN_CREDENTIALS: 'dev' }), {
      message: 'no identity for Azure: AzureCLICredential: az is not installed',
    })
    await assert.rejects(asking({ AZURE_TOKEN_CREDENTIALS: 'environmentcredential' }), {
      message: /^no identity for Azure: EnvironmentCredential: [^;]+$/,
    })
    await assert.rejects(asking({ AZURE_TOKEN_CREDENTIALS: 'prod' }), (error: Error) => {
      return !error.message.includes('AzureCLI') && error.message.includes('Managed')
    })
    const unknown = { AZURE_TOKEN_CREDENTIALS: 'toString' }
    assert.throws(
      () => asking(unknown),
      (error) => {
        assert.match(String(error), /AZURE_TOKEN_CREDENTIALS names no identity.*prod, dev, Env/)
        return error instanceof ConfigError
      },
    )
  })
})
