import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { ConfigError } from '../../../errors.ts'
import type { JsonObject, JsonValue } from '../../../pipe/pipe.ts'

/** A file of functions that scripts use. */
export type Source = {
  readonly path: string
  /** One character a byte. */
  readonly text: string
}

/** What one of the Lua namespaces asks for. */
export type LuaSettings = {
  readonly sources: readonly Source[]
  readonly pre: string
  readonly post: string
  /** Read the sources again for each request. */
  readonly isLive: boolean
  readonly hasOpenLibs: boolean
  readonly skipsNext: boolean
}

/** Reads the namespace that stands at `at`. A source that is missing or was changed stops the start. */
export function luaSettings(config: JsonValue, at: string): LuaSettings {
  if (!isObject(config)) throw wrong(config, at, 'an object')
  const value = (key: string): JsonValue | undefined =>
    Object.hasOwn(config, key) ? (config[key] ?? undefined) : undefined
  const text = (key: string): string => {
    const found = value(key) ?? ''
    if (typeof found !== 'string') throw wrong(found, `${at}.${key}`, 'a string')
    return found
  }
  const flag = (key: string): boolean => {
    const found = value(key) ?? false
    if (typeof found !== 'boolean') throw wrong(found, `${at}.${key}`, 'true or false')
    return found
  }
  const sources = sourcesOf(value('sources') ?? [], `${at}.sources`)
  const isLive = flag('live')
  if (!isLive) checkSums(value('md5') ?? {}, sources, `${at}.md5`)
  return {
    sources,
    pre: text('pre'),
    post: text('post'),
    isLive,
    hasOpenLibs: flag('allow_open_libs'),
    skipsNext: flag('skip_next'),
  }
}

function sourcesOf(list: JsonValue, at: string): Source[] {
  if (!Array.isArray(list)) throw wrong(list, at, 'a list of files')
  return list.map((item, index) => {
    const place = `${at}[${index}]`
    if (typeof item !== 'string') throw wrong(item, place, 'a file')
    try {
      return readSource(item)
    } catch (problem) {
      const reason = problem instanceof Error ? problem.message : String(problem)
      throw new ConfigError(`lua: unable to load required source ${item}: ${reason}`, {
        path: place,
      })
    }
  })
}

/** The file as it is now. */
export const readSource = (path: string): Source => ({ path, text: readFileSync(path, 'latin1') })

/** Every checksum must be that of a source. */
function checkSums(sums: JsonValue, sources: readonly Source[], at: string): void {
  if (!isObject(sums)) throw wrong(sums, at, 'an object of checksums by file')
  for (const [path, wanted] of Object.entries(sums)) {
    const place = { path: `${at}.${JSON.stringify(path)}` }
    if (typeof wanted !== 'string') throw wrong(wanted, place.path, 'a string')
    const source = sources.find((each) => each.path === path)
    if (source === undefined)
      throw new ConfigError(`lua: a checksum of ${path}, which is not among the sources`, place)
    const actual = createHash('md5').update(source.text, 'latin1').digest('hex')
    if (actual !== wanted)
      throw new ConfigError(
        `lua: wrong checksum for source ${path}. have: ${actual}, want: ${wanted}`,
        place,
      )
  }
}

const isObject = (value: JsonValue): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const wrong = (value: JsonValue, path: string, allowed: string): ConfigError =>
  new ConfigError([
    {
      place: { path },
      message: 'a value of another type',
      found: JSON.stringify(value),
      allowed,
    },
  ])
