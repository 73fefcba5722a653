import { unusable } from '../../../config/options.ts'
import type { Address } from './driver.ts'

/** Reads a topic's or subscription's address. Throws a `ConfigError`. */
export function addressOf(text: string, path: string): Address {
  const match = /^([a-z]+):\/\/([^?]*)(?:\?.*)?$/.exec(text)
  const [, scheme = '', written = ''] = match ?? []
  const name = written
    .split('/')
    .filter((part) => part !== '')
    .join('/')
  const isBroken = /\s|%(?![\da-f]{2})/i.test(text)
  if (match === null || name === '' || isBroken || !URL.canParse(text))
    throw unusable(text, path, 'not the address of a topic', 'scheme://name?options')
  const url = new URL(text)
  return { scheme, name: decoded(name), url, query: url.searchParams }
}

/** Percent-encoded bytes that are no UTF-8 stay as they are. */
function decoded(name: string): string {
  try {
    return decodeURIComponent(name)
  } catch {
    return name
  }
}

/** Refuses options that a driver does not know: gocloud.dev does so as well. */
export function onlyOptions({ query, url }: Address, known: readonly string[], path: string): void {
  for (const name of query.keys())
    if (!known.includes(name))
      throw unusable(url.href, path, `unknown option "${name}"`, known.join(', ') || 'none')
}

/** What the environment must say. */
export function fromEnvironment(
  name: string,
  env: Readonly<Record<string, string | undefined>>,
  path: string,
): string {
  const value = env[name] ?? ''
  if (value !== '') return value
  throw unusable(
    null,
    path,
    `the environment variable ${name} is not set`,
    'the address of the broker',
  )
}

/** An option that is true or false, as Go reads them; `false` when absent. Throws a `ConfigError`. */
export function flagOf({ query, url }: Address, name: string, path: string): boolean {
  const value = query.get(name) ?? 'false'
  if (/^(1|t|true)$/i.test(value)) return true
  if (/^(0|f|false|)$/i.test(value)) return false
  throw unusable(url.href, path, `${name} is neither true nor false`, `${name}=true`)
}

/** An option that is a number from 1 to `most`; accepted and checked. Throws a `ConfigError`. */
export function checkBatchSize(
  { query, url }: Address,
  name: string,
  most: number,
  path: string,
): void {
  const value = query.get(name)
  if (value === null || (/^\d+$/.test(value) && Number(value) >= 1 && Number(value) <= most)) return
  throw unusable(url.href, path, `${name} is out of range`, `1 to ${most}`)
}
