import { readdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import { ConfigError } from '../../errors.ts'
import type { Plugin } from './plugin.ts'

const MODULE = /\.[cm]?[jt]s$/
/** Declarations and tests that lie beside a plugin. */
const NO_PLUGIN = /\.(?:d|test)\.[cm]?[jt]s$/
const PARTS = ['httpServer', 'httpClient', 'requestModifier', 'responseModifier'] as const

/** Loads one module. Throws an `Error` that says why it is no plugin. */
export function loadPlugin(file: string): Plugin {
  // `require` takes ES modules and TypeScript too, and what it loads is there at once.
  const plugin: unknown = createRequire(import.meta.url)(path.resolve(file))?.default
  if (typeof plugin !== 'object' || plugin === null)
    throw new Error('it has no default export that is an object')
  const { name } = plugin as Partial<Plugin>
  if (typeof name !== 'string' || name === '') throw new Error('its default export has no name')
  const parts = PARTS.filter((part) => (plugin as Plugin)[part] !== undefined)
  if (parts.length === 0) throw new Error(`it has none of ${PARTS.join(', ')}`)
  for (const part of parts)
    if (typeof (plugin as Plugin)[part] !== 'function') throw new Error(`${part} is no function`)
  return plugin as Plugin
}

/** The modules in `folder` whose name contains `pattern`, as KrakenD picks them. */
function pluginFiles(folder: string, pattern: string): string[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
      .filter((entry) => !entry.isDirectory() && entry.name.includes(pattern))
      .map((entry) => path.join(folder, entry.name))
      .filter((file) => MODULE.test(file) && !NO_PLUGIN.test(file))
      .sort()
  } catch (error) {
    throw new ConfigError(`cannot be read: ${error instanceof Error ? error.message : error}`, {
      path: 'plugin.folder',
    })
  }
}

export type PluginFolder = { readonly folder: string; readonly pattern: string }

/** Every plugin of the folder, by name. Throws a `ConfigError` when one cannot be loaded. */
export function loadPlugins(place: PluginFolder | undefined): ReadonlyMap<string, Plugin> {
  const plugins = new Map<string, Plugin>()
  if (place === undefined) return plugins
  for (const file of pluginFiles(place.folder, place.pattern)) {
    const plugin = loaded(file)
    if (plugins.has(plugin.name))
      throw new ConfigError(`${file}: another plugin is called ${plugin.name} already`, {
        path: 'plugin.folder',
      })
    plugins.set(plugin.name, plugin)
  }
  return plugins
}

function loaded(file: string): Plugin {
  try {
    return loadPlugin(file)
  } catch (error) {
    throw new ConfigError(
      `the plugin ${file} cannot be loaded: ${error instanceof Error ? error.message : error}`,
      { path: 'plugin.folder' },
    )
  }
}
