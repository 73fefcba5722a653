import { readFileSync } from 'node:fs'
import { ConfigError } from '../../errors.ts'
import { isObject } from '../../pipe/is-object.ts'
import type { JsonObject } from '../../pipe/pipe.ts'
import { objectIn } from '../object-in.ts'

/** A file of Google's credentials, or a part of one. What stands in it is never shown: it may be secret. */
export class CredentialFile {
  readonly #fields: JsonObject
  readonly #file: string
  readonly #path: string

  /** `path` is where the configuration asks for it, for messages. */
  constructor(fields: JsonObject, file: string, path: string) {
    this.#fields = fields
    this.#file = file
    this.#path = path
  }

  get type(): string {
    return JSON.stringify(this.#fields['type'] ?? null)
  }

  /** Throws a `ConfigError` when it is not there. */
  need(name: string): string {
    return this.text(name) ?? this.failed(`Google's credentials lack "${name}"`)
  }

  text(name: string): string | undefined {
    const value = this.#fields[name]
    return typeof value === 'string' && value !== '' ? value : undefined
  }

  /** Throws a `ConfigError` when it is no address, and when there is none and no usual one. */
  address(name: string, usual?: string): string {
    const text = this.text(name) ?? usual ?? this.need(name)
    if (URL.canParse(text) && /^https?:$/.test(new URL(text).protocol)) return text
    return this.failed(`Google's credentials have no address in "${name}"`)
  }

  number(name: string): number | undefined {
    const value = this.#fields[name]
    return typeof value === 'number' && value > 0 ? value : undefined
  }

  texts(name: string): readonly string[] {
    const value = this.#fields[name]
    return Array.isArray(value) ? value.filter((one) => typeof one === 'string') : []
  }

  /** Name, value, name, value, ... */
  pairs(name: string): readonly string[] {
    const value = this.#fields[name]
    const entries = isObject(value) ? Object.entries(value) : []
    return entries.flatMap(([key, one]) => (typeof one === 'string' ? [key, one] : []))
  }

  part(name: string): CredentialFile | undefined {
    const value = this.#fields[name]
    return isObject(value) ? new CredentialFile(value, this.#file, this.#path) : undefined
  }

  failed(message: string, allowed?: string): never {
    throw new ConfigError([
      { place: { path: this.#path }, message: `${this.#file}: ${message}`, allowed },
    ])
  }
}

/** Reads one; `undefined` when it may miss, and does. Throws a `ConfigError` when it cannot be used. */
export function credentialFile(
  file: string,
  path: string,
  mayMiss: boolean,
): CredentialFile | undefined {
  const nothing = new CredentialFile({}, file, path)
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException
    if (mayMiss && (code === 'ENOENT' || code === 'ENOTDIR')) return undefined
    return nothing.failed(
      `Google's credentials cannot be read: ${code}`,
      'a file named by GOOGLE_APPLICATION_CREDENTIALS',
    )
  }
  const fields = objectIn(text)
  if (fields !== undefined) return new CredentialFile(fields, file, path)
  return nothing.failed("Google's credentials are no JSON object")
}
