import { readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join, posix } from 'node:path'
import { ConfigError } from '../../errors.ts'
import { execute } from './exec.ts'
import { functions } from './functions.ts'
import type { Template } from './nodes.ts'
import type { Gap } from './output.ts'
import { parseTemplate } from './parser.ts'
import { filesIn, goReason, loadSettings, type ReadText, SettingsErrors } from './settings.ts'
import { TemplateError } from './template-error.ts'
import { Dict } from './value.ts'

export type RenderOptions = {
  readonly file: string
  readonly env: NodeJS.ProcessEnv
  readonly readText?: ReadText
  readonly nowMs?: () => number
}

export type Rendered = {
  readonly text: string
  /** The file whose extension decides the format: FC_OUT, or a `.json` name that is never written. */
  readonly file: string
  /** Every file that was read or looked for, for live reload. */
  readonly sources: readonly string[]
  /** Where missing settings left nothing. */
  readonly gaps: readonly Gap[]
}

/**
 * KrakenD's flexible configuration: renders the file as a Go template with the settings of FC_SETTINGS as
 * its data, the templates of FC_TEMPLATES and the partials of FC_PARTIALS, and writes it to FC_OUT when that
 * is set. Throws `ConfigError`, worded as KrakenD does, with file and line.
 */
export function renderTemplate({
  file,
  env,
  readText = readUtf8,
  nowMs = Date.now,
}: RenderOptions): Rendered {
  const sources = new Set<string>([file])
  const read: ReadText = (path) => {
    sources.add(path)
    return readText(path)
  }
  const errors = new SettingsErrors()
  const settings = env['FC_SETTINGS'] ? loadSettings(env['FC_SETTINGS'], read, errors) : new Dict()
  const templateFiles = env['FC_TEMPLATES'] ? templatesIn(env['FC_TEMPLATES'], errors) : []
  const problem = errors.text()
  if (problem !== undefined) throw new ConfigError(problem)

  const include = (name: string): string =>
    readPartial(posix.join(env['FC_PARTIALS'] ?? '', name), read)
  const table = functions({ env, nowMs, include })
  const templates = new Map<string, Template>()
  const parse = (path: string): void =>
    parseTemplate(
      { name: basename(path), path, text: read(path) },
      (name) => table.has(name),
      templates,
    )
  stage('Unable to parse configuration file', file, () => parse(file))
  for (const path of templateFiles) stage('Error parsing sub-templates', path, () => parse(path))
  const output = stage('Found error while executing template', file, () =>
    execute({ templates, functions: table }, basename(file), settings),
  )
  const { text, gaps } = output
  return { text, file: writeOut(text, env['FC_OUT']), sources: [...sources], gaps }
}

function readUtf8(path: string): string {
  return readFileSync(path, 'utf8')
}

function templatesIn(folder: string, errors: SettingsErrors): string[] {
  return filesIn(folder, '.tmpl', errors).map((name) => join(folder, name))
}

/** KrakenD inserts nothing for a partial that cannot be read; it is watched all the same. */
function readPartial(path: string, read: ReadText): string {
  try {
    return read(path)
  } catch {
    // As KrakenD: `include` of a missing file is the empty string.
    return ''
  }
}

/** Runs one step and words its failure as KrakenD's log does. */
function stage<T>(what: string, file: string, run: () => T): T {
  try {
    return run()
  } catch (error) {
    if (error instanceof TemplateError) {
      const { file: path, line, column } = error
      throw new ConfigError(`${what}: ${error.message}`, { file: path, line, column })
    }
    throw new ConfigError(`${what}: ${goReason(error)}`, { file })
  }
}

function writeOut(text: string, out: string | undefined): string {
  // KrakenD writes a temporary file of such a name; here it only appears in messages.
  if (!out) return join(tmpdir(), 'KrakenD_parsed_config_template_0.json')
  try {
    writeFileSync(out, text)
  } catch (error) {
    throw new ConfigError(`failed to write the rendered configuration: ${goReason(error)}`, {
      file: out,
    })
  }
  return out
}
