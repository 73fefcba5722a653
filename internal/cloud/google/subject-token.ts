import { readFile } from 'node:fs/promises'
import type { SmallFetch } from '../../client/small-fetch.ts'
import { objectIn } from '../object-in.ts'
import { awsSubject } from './aws-subject.ts'
import type { CredentialFile } from './credential-file.ts'
import type { GoogleNeed } from './google-need.ts'

/** The token that an identity provider gave this machine; another one each time it has been renewed. */
export type SubjectToken = (client: SmallFetch, nowMs: number) => Promise<string>

const FORMATS = ['text', 'json']

/** Where `credential_source` says it is: the machine of AWS, a file, or an address. Throws a `ConfigError`. */
export function subjectToken(file: CredentialFile, env: GoogleNeed['env']): SubjectToken {
  const source = file.part('credential_source')
  if (source === undefined) return file.failed('Google\'s credentials lack "credential_source"')
  if (source.text('environment_id')?.startsWith('aws') === true)
    return awsSubject(source, file.need('audience'), env)
  const read = tokenReader(source)
  if (source.text('file') !== undefined) return fromFile(source.need('file'), read)
  if (source.text('url') !== undefined) return fromUrl(source, read)
  return file.failed(
    'credential_source names neither a file nor a url',
    'a file, a url or an environment_id; programs are not run here',
  )
}

/** Reads a token in what its source gave; `undefined` when there is none. */
type TokenReader = (text: string) => unknown

function tokenReader(source: CredentialFile): TokenReader {
  const format = source.part('format')
  const type = format?.text('type') ?? 'text'
  if (!FORMATS.includes(type))
    return source.failed('format.type of credential_source is not known', FORMATS.join(', '))
  if (format === undefined || type === 'text') return (text) => text
  const name = format.need('subject_token_field_name')
  return (text) => objectIn(text)?.[name]
}

const fromFile =
  (name: string, read: TokenReader): SubjectToken =>
  async () =>
    checked(read((await readFile(name, 'utf8')).trim()), name)

function fromUrl(source: CredentialFile, read: TokenReader): SubjectToken {
  const url = source.address('url')
  const headers = source.pairs('headers')
  return async (client) => {
    const { status, text } = await client.fetch({ method: 'GET', url, headers })
    if (status < 200 || status > 299) throw new Error(`${url} answered ${status}: no subject token`)
    return checked(read(text), url)
  }
}

function checked(token: unknown, where: string): string {
  if (typeof token === 'string' && token !== '') return token
  throw new Error(`${where} holds no subject token`)
}
