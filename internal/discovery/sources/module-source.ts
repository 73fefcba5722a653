import { createRequire } from 'node:module'
import path from 'node:path'
import { ConfigError } from '../../errors.ts'
import { DiscoveryError, type Source, type SourceFactory, type UserSource } from '../discovery.ts'
import { foundAt, foundAtText } from './found.ts'
import { registryClient } from './registry-client.ts'

/** What a user's own source is handed beside the scope. */
const helpers = {
  failure: (kind, message, cause) => new DiscoveryError(kind, message, cause),
  foundAt,
  foundAtText,
  registryClient,
} as const satisfies Parameters<UserSource>[1]['helpers']

/**
 * A registry that a user's own module knows: its default export builds the source. Loaded when the registry is
 * built, so that a module that cannot work stops the start.
 */
export function moduleSource(sd: string, module: string): SourceFactory {
  return (options, scope) => {
    const file = path.resolve(module)
    const wrong = (message: string, cause?: unknown) => {
      const reason =
        cause === undefined ? '' : `: ${cause instanceof Error ? cause.message : cause}`
      const place = { path: `extra_config."discovery/${sd}".module` }
      return new ConfigError([
        { place, message: `${message}${reason}`, found: JSON.stringify(module) },
      ])
    }
    let build: unknown
    try {
      // `require` takes ES modules and TypeScript too, and what it loads is there at once.
      build = createRequire(import.meta.url)(file)?.default
    } catch (error) {
      throw wrong('the module cannot be loaded', error)
    }
    if (typeof build !== 'function')
      throw wrong('the module has no default export that is a function')
    const source = (build as UserSource)(options, { ...scope, helpers })
    if (!isSource(source))
      throw wrong('the function returned no source: ask(service, signal) is missing')
    return source
  }
}

const isSource = (source: Source | undefined): source is Source =>
  typeof source === 'object' && source !== null && typeof source.ask === 'function'
