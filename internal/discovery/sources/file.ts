import { createRequire } from 'node:module'
import type { JsonObject } from '../../pipe/pipe.ts'
import { DiscoveryError, type Source, type SourceFactory } from '../discovery.ts'
import { readHosts, readHostsJson } from './hosts-text.ts'
import { asObject } from './json.ts'
import { readOptions } from './read-options.ts'
import { watchedFile } from './watched-file.ts'

/** How often the file is looked at: one `stat` unless it changed. */
const DEFAULT_INTERVAL_MS = 1000

/** Hosts by service in a JSON or YAML file, read again when it changes. */
export const fileSource: SourceFactory = (written) => {
  const options = readOptions('file', written)
  const path = options.text('path')
  if (path === undefined || path === '') throw options.wrong('path', 'the path of a file')
  const read = watchedFile(path, (bytes) => parsed(bytes.toString('utf8'), path))

  return {
    periodMs: options.durationMs('interval', 's') ?? DEFAULT_INTERVAL_MS,
    async ask(service, signal) {
      const services = await read()
      signal.throwIfAborted()
      const value = Object.hasOwn(services, service) ? services[service] : undefined
      if (value === undefined)
        return { instances: [], notes: [`${path} does not name ${service}`], isUnknown: true }
      const { instances, unusable } =
        typeof value === 'string' ? readHosts(value) : readHostsJson(value)
      const notes = [
        `${path}: ${instances.length} instances`,
        ...unusable.map((text) => `dropped ${text}: no URL and no host:port`),
      ]
      if (instances.length === 0 && unusable.length > 0)
        throw new DiscoveryError('broken', notes.join('; '))
      return { instances, notes }
    },
  } satisfies Source
}

/** Loaded by the first file that is YAML: 72 modules that hardly any start needs. */
const yaml = (): typeof import('yaml') => createRequire(import.meta.url)('yaml')

/** A file that is being written is no JSON for a moment: the last list stays until it is. */
function parsed(text: string, path: string): JsonObject {
  try {
    const value = /\.ya?ml$/i.test(path)
      ? yaml().parse(text, { maxAliasCount: 100 })
      : JSON.parse(text)
    const services = asObject(value)
    if (services !== undefined) return services
  } catch (error) {
    throw new DiscoveryError(
      'broken',
      `${path}: ${error instanceof Error ? error.message : error}`,
      error,
    )
  }
  throw new DiscoveryError('broken', `${path}: not an object of services`)
}
