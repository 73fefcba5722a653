import { unusable } from '../../../brokers/options.ts'
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
