import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import type { IncomingHttpHeaders } from 'node:http'
import { text } from 'node:stream/consumers'
import { describe, it } from 'node:test'
import { startHttpServer } from '../../../test/support/http-server.ts'
import { fileOf } from '../../../test/support/tokens.ts'
import { smallFetch } from '../../client/small-fetch.ts'
import { ConfigError } from '../../errors.ts'
import type { JsonObject } from '../../pipe/pipe.ts'
import { defaultCredentials } from './credentials.ts'

const NOW_MS = Date.parse('2026-01-01T00:00:00Z')
const SCOPE = 'https://www.googleapis.com/auth/pubsub'
const AUDIENCE =
  '//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/p/providers/x'
const CLOUD = 'https://www.googleapis.com/auth/cloud-platform'
const JWT = 'urn:ietf:params:oauth:token-type:jwt'
const PEM = String(
  generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({
    ...{ type: 'pkcs8', format: 'pem' },
  }),
)

type Seen = { readonly url: string; readonly headers: IncomingHttpHeaders; readonly body: string }
type Answers = Readonly<Record<string, JsonObject | number | string>>

/** Google's servers and an identity provider, on one socket: what each path answers, an object, a text, or a status. */
async function google(answers: Answers) {
  const seen: Seen[] = []
  const server = await startHttpServer(async (request, response) => {
    const { url = '', headers } = request
    seen.push({ url, headers, body: await text(request) })
    const answer = answers[url] ?? 404
    if (typeof answer === 'number')
      response.writeHead(answer).end('{"error":"invalid_grant","error_description":"hidden"}')
    else response.end(typeof answer === 'string' ? answer : JSON.stringify(answer))
  })
  return {
    ...{ seen, url: server.url },
    form: (at: number) => Object.fromEntries(new URLSearchParams(seen[at]?.body ?? '')),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  }
}
const asking = (fields: JsonObject, more: Record<string, string> = {}) => {
  using file = fileOf('credentials.json', Buffer.from(JSON.stringify(fields)))
  const env = { GOOGLE_APPLICATION_CREDENTIALS: file.file, ...more }
  const grant = defaultCredentials({ env, path: 'here', scope: SCOPE })
  return async () => {
    const client = smallFetch()
    try {
      return await grant(client, NOW_MS)
    } finally {
      await client.close()
    }
  }
}
const external = (url: string, source: JsonObject, more: JsonObject = {}): JsonObject => ({
  ...{ type: 'external_account', audience: AUDIENCE, subject_token_type: JWT },
  ...{ token_url: `${url}/sts`, credential_source: source, ...more },
})
const AWS = { environment_id: 'aws1' }
const GIVEN = { access_token: 'federated', expires_in: 600, token_type: 'Bearer' }
const ACTING = { accessToken: 'acting', expireTime: '2026-01-01T00:30:00Z' }

describe('the identity of another cloud', () => {
  it('exchanges the token in a file, read again each time', async () => {
    await using servers = await google({ '/sts': GIVEN })
    using subject = fileOf('subject', Buffer.from('one\n'))
    const ask = asking(external(servers.url, { file: subject.file }))
    assert.deepEqual(await ask(), { token: 'federated', endsMs: NOW_MS + 600_000 })
    writeFileSync(subject.file, 'two')
    await ask()
    assert.deepEqual(servers.form(0), {
      ...{ audience: AUDIENCE, scope: SCOPE, subject_token: 'one', subject_token_type: JWT },
      grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
      requested_token_type: 'urn:ietf:params:oauth:token-type:access_token',
    })
    assert.equal(servers.form(1)['subject_token'], 'two')
    assert.equal(servers.seen[0]?.headers.authorization, undefined)
  })

  it('exchanges the token that an address gives, in JSON, with headers; as a service account', async () => {
    const answers = { '/id?a=b': { access_token: 'azure' }, '/sts': GIVEN, '/act': ACTING }
    await using servers = await google(answers)
    const format = { type: 'json', subject_token_field_name: 'access_token' }
    const source = { url: `${servers.url}/id?a=b`, headers: { Metadata: 'True' }, format }
    const ask = asking(
      external(servers.url, source, {
        ...{ client_id: 'me', client_secret: 's', workforce_pool_user_project: '7' },
        service_account_impersonation_url: `${servers.url}/act`,
        service_account_impersonation: { token_lifetime_seconds: 1800 },
      }),
    )
    assert.deepEqual(await ask(), { token: 'acting', endsMs: NOW_MS + 30 * 60_000 })
    const [id, , act] = servers.seen
    assert.equal(id?.headers['metadata'], 'True')
    const { subject_token, scope, options } = servers.form(1)
    assert.deepEqual([subject_token, scope, options], ['azure', CLOUD, undefined])
    assert.equal(servers.seen[1]?.headers.authorization, `Basic ${btoa('me:s')}`)
    assert.equal(act?.headers.authorization, 'Bearer federated')
    const wanted = { lifetime: '1800s', scope: [SCOPE], delegates: [] }
    assert.deepEqual(JSON.parse(act?.body ?? ''), wanted)
  })

  it('exchanges a signed question who a machine of AWS is, with the keys of the environment', async () => {
    await using servers = await google({ '/sts': GIVEN })
    const keys = { AWS_ACCESS_KEY_ID: 'AKID', AWS_SECRET_ACCESS_KEY: 'secret' }
    const env = { ...keys, AWS_SESSION_TOKEN: 'session', AWS_DEFAULT_REGION: 'eu-south-9' }
    await asking(external(servers.url, AWS), env)()
    const question = JSON.parse(decodeURIComponent(servers.form(0)['subject_token'] ?? ''))
    const { authorization, ...headers } = Object.fromEntries(
      question.headers.map(({ key, value }: Record<string, string>) => [key, value]),
    )
    assert.deepEqual(
      [question.url, question.method],
      [
        ...[
          'https://sts.eu-south-9.amazonaws.com?Action=GetCallerIdentity&Version=2011-06-15',
          'POST',
        ],
      ],
    )
    assert.deepEqual(headers, {
      ...{ host: 'sts.eu-south-9.amazonaws.com', 'x-amz-date': '20260101T000000Z' },
      ...{ 'x-amz-security-token': 'session', 'x-goog-cloud-target-resource': AUDIENCE },
    })
    assert.match(
      authorization,
      /^AWS4-HMAC-SHA256 Credential=AKID\/20260101\/eu-south-9\/sts\/aws4_request, SignedHeaders=host;x-amz-date;x-amz-security-token;x-goog-cloud-target-resource, Signature=[0-9a-f]{64}$/,
    )
  })

  it('asks the machine of AWS for what the environment lacks', async () => {
    const keys = { AccessKeyId: 'AKID', SecretAccessKey: 'hidden', Token: 'session' }
    const answers = {
      ...{ '/session': 'own', '/zone': 'eu-south-9b', '/keys': 'role', '/keys/role': keys },
      ...{ '/sts': GIVEN, '/none': 404, '/empty/role': {}, '/empty': 'role' },
    }
    await using servers = await google(answers)
    const at = (path: string) => `${servers.url}${path}`
    const machine = {
      ...{ ...AWS, imdsv2_session_token_url: at('/session') },
      ...{ region_url: at('/zone'), url: at('/keys') },
    }
    await asking(external(servers.url, machine))()
    assert.match(
      decodeURIComponent(servers.form(4)['subject_token'] ?? ''),
      /AKID\/\d+\/eu-south-9\//,
    )
    assert.deepEqual(
      servers.seen.slice(0, 4).map(({ headers }) => headers['x-aws-ec2-metadata-token']),
      [undefined, 'own', 'own', 'own'],
    )
    assert.equal(servers.seen[0]?.headers['x-aws-ec2-metadata-token-ttl-seconds'], '300')
    const failures: [JsonObject, RegExp][] = [
      [{ ...machine, imdsv2_session_token_url: at('/none') }, /gave no session: status 404$/],
      [{ ...machine, region_url: at('/none') }, /gave no region: status 404$/],
      [{ ...machine, url: at('/none') }, /gave no role: status 404$/],
      [{ ...machine, url: at('/empty') }, /gave no keys$/],
      [{ ...AWS, url: at('/keys') }, /neither AWS_REGION nor region_url/],
      [{ ...AWS, region_url: at('/zone') }, /neither AWS_ACCESS_KEY_ID nor a url/],
    ]
    for (const [source, reason] of failures)
      await assert.rejects(asking(external(servers.url, source)), reason)
  })

  it('says which step failed, and repeats no secret', async () => {
    const answers = {
      ...{ '/no': 403, '/html': '<html>hidden', '/other': { other: 'hidden' } },
      ...{ '/id': 'subject', '/sts': GIVEN },
    }
    await using servers = await google(answers)
    const json = { type: 'json', subject_token_field_name: 'access_token' }
    const at = (path: string) => ({ url: `${servers.url}${path}` })
    const failures: [JsonObject, RegExp][] = [
      [external(servers.url, at('/no')), /\/no answered 403: no subject token$/],
      [external(servers.url, { ...at('/html'), format: json }), /\/html holds no subject token$/],
      [external(servers.url, { ...at('/other'), format: json }), /holds no subject token$/],
      [external(servers.url, { file: '/nowhere/token' }), /ENOENT.*\/nowhere\/token/],
      [
        { ...external(servers.url, at('/id')), token_url: `${servers.url}/no` },
        /^Google's exchange of tokens gave no access token: status 403, invalid_grant$/,
      ],
      [
        { ...external(servers.url, at('/id')), token_url: `${servers.url}/html` },
        /gave no access token: status 200$/,
      ],
      [
        external(servers.url, at('/id'), {
          service_account_impersonation_url: `${servers.url}/no`,
        }),
        /^Google's service account gave no access token: status 403, invalid_grant$/,
      ],
      [external('http://127.0.0.1:9', at('/id')), /ECONNREFUSED/],
    ]
    for (const [fields, reason] of failures)
      await assert.rejects(asking(fields)(), (error: Error) => {
        assert.match(error.message, reason)
        return !error.message.includes('hidden')
      })
  })

  it('stops the start when the file cannot work', () => {
    const good = external('http://h', { file: '/token' })
    const wrong: [JsonObject, RegExp][] = [
      [{ ...good, audience: '' }, /lack "audience"/],
      [{ ...good, subject_token_type: 7 }, /lack "subject_token_type"/],
      [{ ...good, token_url: 'sts' }, /have no address in "token_url"/],
      [{ ...good, credential_source: null }, /lack "credential_source"/],
      [external('http://h', {}), /names neither a file nor a url .*programs are not run here/],
      [external('http://h', { executable: { command: 'x' } }), /names neither a file nor a url/],
      [external('http://h', { environment_id: 'aws2' }), /environment_id .*not known .*aws1/],
      [external('http://h', { ...AWS, region_url: 'x' }), /no address in "region_url"/],
      [
        external('http://h', { ...AWS, regional_cred_verification_url: '{region}' }),
        /regional_cred_verification_url of credential_source is no address/,
      ],
      [external('http://h', { url: 'x' }), /have no address in "url"/],
      [external('http://h', { file: 'x', format: { type: 'xml' } }), /format.type .*text, json/],
      [external('http://h', { file: 'x', format: { type: 'json' } }), /"subject_token_field_name"/],
      [{ ...good, service_account_impersonation_url: 'x' }, /no address in "service_account_/],
      [{ type: 'gdch' }, /of type "gdch" are not known here .*impersonated_service_account/],
      [{ type: 'toString' }, /of type "toString" are not known here/],
    ]
    for (const [fields, message] of wrong)
      assert.throws(
        () => asking(fields),
        (error) => {
          assert.match(String(error), message)
          return error instanceof ConfigError && error.message.startsWith('here')
        },
      )
  })
})

describe('accounts of Google', () => {
  it('act as another one, with delegates between', async () => {
    await using servers = await google({ '/token': GIVEN, '/act': ACTING })
    const key = { client_email: 'a@b', private_key: PEM, token_uri: `${servers.url}/token` }
    const ask = asking({
      ...{ type: 'impersonated_service_account', delegates: ['c@d'] },
      service_account_impersonation_url: `${servers.url}/act`,
      source_credentials: { type: 'service_account', ...key },
    })
    assert.deepEqual(await ask(), { token: 'acting', endsMs: NOW_MS + 30 * 60_000 })
    const [, claims = ''] = (servers.form(0)['assertion'] ?? '').split('.')
    assert.equal(JSON.parse(Buffer.from(claims, 'base64url').toString()).scope, CLOUD)
    const wanted = { lifetime: '3600s', scope: [SCOPE], delegates: ['c@d'] }
    assert.deepEqual(JSON.parse(servers.seen[1]?.body ?? ''), wanted)
    const lost = {
      type: 'impersonated_service_account',
      service_account_impersonation_url: 'http://h',
    }
    assert.throws(() => asking(lost), /lack "source_credentials"/)
  })

  it('are those of people, renewed by what their login left', async () => {
    await using servers = await google({ '/token': GIVEN })
    const user = { client_id: 'i', client_secret: 's', refresh_token: 'r' }
    const token_uri = `${servers.url}/token`
    await asking({ type: 'authorized_user', token_uri, ...user })()
    assert.deepEqual(servers.form(0), { grant_type: 'refresh_token', ...user })
    await asking({ type: 'external_account_authorized_user', token_url: token_uri, ...user })()
    assert.deepEqual(servers.form(1), { grant_type: 'refresh_token', refresh_token: 'r' })
    assert.equal(servers.seen[1]?.headers.authorization, `Basic ${btoa('i:s')}`)
  })
})
