import { createHmac, hash } from 'node:crypto'

export type AwsKeys = {
  readonly id: string
  readonly secret: string
  /** Of keys that end; `''`: none. */
  readonly session: string
}

/** A request without a body that is to be signed. */
export type Signable = {
  readonly method: 'GET' | 'POST'
  readonly url: string
  readonly region: string
  /** By names in small letters; `host` and `x-amz-date` come in addition. */
  readonly headers: Readonly<Record<string, string>>
}

const ALGORITHM = 'AWS4-HMAC-SHA256'
const EMPTY_BODY = hash('sha256', '')

/**
 * The headers of a request that AWS would take (Signature Version 4), for the service that its host begins with.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */
export function signedHeaders(
  { method, url, region, headers }: Signable,
  keys: AwsKeys,
  nowMs: number,
): Record<string, string> {
  const { host, pathname, searchParams } = new URL(url)
  const time = new Date(nowMs).toISOString().replaceAll(/[-:]|\.\d+/g, '')
  const session = keys.session === '' ? {} : { 'x-amz-security-token': keys.session }
  const all: Record<string, string> = { ...headers, ...session, host, 'x-amz-date': time }
  const names = Object.keys(all).toSorted()
  const signed = names.join(';')
  const query = [...searchParams]
    .map((pair) => pair.map(encodeURIComponent).join('='))
    .toSorted()
    .join('&')
  const lines = names.map((name) => `${name}:${all[name]}\n`).join('')
  const canonical = [method, pathname, query, lines, signed, EMPTY_BODY].join('\n')
  const [day = ''] = time.split('T')
  const words = [day, region, host.split('.')[0] ?? '', 'aws4_request']
  const text = [ALGORITHM, time, words.join('/'), hash('sha256', canonical)].join('\n')
  const key = words.reduce<string | Buffer>(hmac, `AWS4${keys.secret}`)
  const signature = hmac(key, text).toString('hex')
  const credential = `${keys.id}/${words.join('/')}`
  const proof = `Credential=${credential}, SignedHeaders=${signed}, Signature=${signature}`
  return { ...all, authorization: `${ALGORITHM} ${proof}` }
}

const hmac = (key: string | Buffer, text: string): Buffer =>
  createHmac('sha256', key).update(text).digest()
