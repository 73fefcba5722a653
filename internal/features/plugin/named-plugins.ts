import type { ServiceConfig } from '../../config/types.ts'
import { ConfigError } from '../../errors.ts'
import type { JsonObject, JsonValue } from '../../pipe/pipe.ts'
import type { Scope } from '../feature.ts'
import { failureOf } from './failure.ts'
import { loadPlugins } from './load-plugin.ts'
import type { Factory, Helpers, Plugin } from './plugin.ts'

/** Plugins are loaded once for a configuration, however many places name them. */
const loaded = new WeakMap<ServiceConfig, ReadonlyMap<string, Plugin>>()

function pluginsOf(service: ServiceConfig): ReadonlyMap<string, Plugin> {
  const known = loaded.get(service) ?? loadPlugins(service.plugin)
  loaded.set(service, known)
  return known
}

export type NamedPlugin = { readonly plugin: Plugin; readonly config: JsonObject }

/** The plugins that a namespace names (`name`: a text or a list), in its order. A missing one stops the start. */
export function namedPlugins(
  config: JsonValue,
  path: string,
  service: ServiceConfig,
): readonly NamedPlugin[] {
  if (typeof config !== 'object' || config === null || Array.isArray(config))
    throw new ConfigError('must be an object', { path })
  const { name = null } = config
  const names = typeof name === 'string' ? [name] : name
  if (
    !Array.isArray(names) ||
    names.length === 0 ||
    !names.every((each) => typeof each === 'string')
  )
    throw new ConfigError('must name a plugin or several', { path: `${path}.name` })
  const plugins = pluginsOf(service)
  return names.map((each) => {
    const plugin = plugins.get(each)
    if (plugin !== undefined) return { plugin, config }
    throw new ConfigError([
      {
        place: { path: `${path}.name` },
        message: 'no such plugin',
        found: JSON.stringify(each),
        allowed: plugins.size === 0 ? whyNone(service) : [...plugins.keys()].join(', '),
      },
    ])
  })
}

const whyNone = ({ plugin }: ServiceConfig): string =>
  plugin === undefined
    ? 'plugin.folder, which names the folder of plugins, is not set'
    : `${plugin.folder} holds no JavaScript or TypeScript module whose name contains ${JSON.stringify(plugin.pattern)}`

/** Builds one part of a plugin. What its factory throws stops the start. */
export function built<Work>(
  factory: Factory<Work>,
  { plugin, config }: NamedPlugin,
  path: string,
  scope: Scope,
): Work {
  let work: Work
  try {
    work = factory(config, helpersOf(plugin.name, scope))
  } catch (error) {
    throw new ConfigError(
      `the plugin ${plugin.name} refuses: ${failureOf(plugin.name, error).message}`,
      {
        path,
      },
    )
  }
  if (typeof work === 'function') return work
  throw new ConfigError(`the plugin ${plugin.name} returned no function`, { path })
}

function helpersOf(name: string, { log }: Scope): Helpers {
  const prefix = `[PLUGIN: ${name}]`
  return {
    log: {
      debug: (...words) => log.debug(prefix, ...words),
      info: (...words) => log.info(prefix, ...words),
      warning: (...words) => log.warning(prefix, ...words),
      error: (...words) => log.error(prefix, ...words),
    },
    error: (message, details) => Object.assign(new Error(message), details),
  }
}
