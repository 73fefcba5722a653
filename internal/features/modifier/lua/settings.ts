import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { type Options, optionsOf } from '../../../config/options.ts'
import type { JsonValue } from '../../../pipe/pipe.ts'

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
  const options = optionsOf(config, at)
  const sources = sourcesOf(options)
  const isLive = options.flag('live')
  if (!isLive) checkSums(options, sources)
  return {
    sources,
    pre: options.text('pre'),
    post: options.text('post'),
    isLive,
    hasOpenLibs: options.flag('allow_open_libs'),
    skipsNext: options.flag('skip_next'),
  }
}

function sourcesOf(options: Options): Source[] {
  return options.texts('sources', 'file').map((file, index) => {
    try {
      return readSource(file)
    } catch (problem) {
      const reason = problem instanceof Error ? problem.message : String(problem)
      throw options.wrong(
        `sources[${index}]`,
        `lua: unable to load required source ${file}: ${reason}`,
      )
    }
  })
}

/** The file as it is now. */
export const readSource = (path: string): Source => ({ path, text: readFileSync(path, 'latin1') })

/** Every checksum must be that of a source. */
function checkSums(options: Options, sources: readonly Source[]): void {
  for (const [path, wanted] of options.table('md5')) {
    const key = `md5.${JSON.stringify(path)}`
    const source = sources.find((each) => each.path === path)
    if (source === undefined)
      throw options.wrong(key, `lua: a checksum of ${path}, which is not among the sources`)
    const actual = createHash('md5').update(source.text, 'latin1').digest('hex')
    if (actual !== wanted)
      throw options.wrong(
        key,
        `lua: wrong checksum for source ${path}. have: ${actual}, want: ${wanted}`,
      )
  }
}
