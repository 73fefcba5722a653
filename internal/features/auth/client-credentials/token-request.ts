import type { Ask } from '../../../client/small-fetch.ts'
import { optionsOf } from '../../../config/options.ts'
import { isObject } from '../../../pipe/is-object.ts'
import { encodeQueryPart } from '../../../pipe/percent.ts'
import type { JsonValue } from '../../../pipe/pipe.ts'

/** Go's HTTP client, which KrakenD asks with. */
const USER_AGENT = 'Go-http-client/1.1'

/** Whom to ask for a token, and what with. */
export type TokenRequest = {
  readonly url: string
  readonly clientId: string
  readonly clientSecret: string
  /** Form fields besides the credentials, by name. */
  readonly fields: ReadonlyMap<string, readonly string[]>
}

/** Reads `auth/client-credentials`; `undefined` when it is switched off. Throws a `ConfigError`. */
export function tokenRequest(config: JsonValue, path: string): TokenRequest | undefined {
  const options = optionsOf(config, path)
  if (options.flag('is_disabled')) return undefined
  const url = options.text('token_url')
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol))
    throw options.wrong('token_url', `no http URL: ${JSON.stringify(url)}`)
  const more = options.value('endpoint_params') ?? {}
  if (!isObject(more)) throw options.wrong('endpoint_params', 'no object of lists')
  const fields = new Map<string, readonly string[]>([
    ['grant_type', ['client_credentials']],
    ['scope', [options.text('scopes').split(',').join(' ')]],
  ])
  for (const [name, values] of Object.entries(more)) {
    const key = `endpoint_params.${name}`
    if (name === 'scope') throw options.wrong(key, 'oauth2: cannot overwrite parameter "scope"')
    if (!Array.isArray(values) || !values.every((value) => typeof value === 'string'))
      throw options.wrong(key, 'a value of another type', 'a list of strings')
    fields.set(name, values)
  }
  return {
    url,
    clientId: options.text('client_id'),
    clientSecret: options.text('client_secret'),
    fields,
  }
}

/** Where the credentials go: servers take one or the other. */
export type AuthStyle = 'header' | 'body'

/** The call that asks for a token, byte for byte as Go's oauth2 writes it: fields sorted by name. */
export function tokenCall(request: TokenRequest, style: AuthStyle): Ask {
  const { url, clientId, clientSecret } = request
  const fields = new Map(request.fields)
  if (style === 'body' && clientId !== '') fields.set('client_id', [clientId])
  if (style === 'body' && clientSecret !== '') fields.set('client_secret', [clientSecret])
  const headers = ['Content-Type', 'application/x-www-form-urlencoded', 'User-Agent', USER_AGENT]
  if (style === 'header') {
    const pair = `${encodeQueryPart(clientId)}:${encodeQueryPart(clientSecret)}`
    headers.push('Authorization', `Basic ${Buffer.from(pair).toString('base64')}`)
  }
  return { method: 'POST', url, headers, body: formOf(fields) }
}

function formOf(fields: ReadonlyMap<string, readonly string[]>): string {
  return [...fields.keys()]
    .sort()
    .flatMap((name) =>
      (fields.get(name) ?? []).map((value) => `${encodeQueryPart(name)}=${encodeQueryPart(value)}`),
    )
    .join('&')
}
