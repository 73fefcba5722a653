import { type LoadedConfig, lint, loadConfig } from '../../config/load.ts'
import { ConfigError, type ConfigProblem } from '../../errors.ts'
import { readSettings } from '../../process/settings.ts'
import type { Invocation } from '../command.ts'
import { SchemaError } from './schema-error.ts'

/** What stopped a check: which step, and everything it found. */
export class CheckFailure extends Error {
  override readonly name = 'CheckFailure'
  readonly step: string
  readonly problems: readonly ConfigProblem[]

  constructor(step: string, message: string, problems: readonly ConfigProblem[]) {
    super(message)
    this.step = step
    this.problems = problems
  }
}

/** Reads the configuration as a start would. */
export async function parsed(file: string, { flags, env }: Invocation): Promise<LoadedConfig> {
  try {
    const { allowUnknownSecurity } = readSettings({ config: file, flags, env })
    return await loadConfig({ file, env, allowUnknownSecurity })
  } catch (error) {
    throw failure('parsing the configuration file', error)
  }
}

/** Applies what the flags ask for: our own schema and rules, or a schema of the user's. */
export async function linted(loaded: LoadedConfig, { flags }: Invocation): Promise<void> {
  if (flags.isOn('lint') || flags.isOn('lint-no-network')) {
    const problems = lint(loaded)
    if (problems.length > 0) {
      throw failure('linting the configuration file', new ConfigError(problems))
    }
  }
  if (!flags.has('lint-schema') || flags.text('lint-schema') === '') return
  let found: string | undefined
  try {
    // Only a schema needs ajv: a start should not load it.
    const { lintAgainst } = await import('./own-schema.ts')
    found = await lintAgainst(flags.text('lint-schema'), loaded.rawDocument)
  } catch (error) {
    throw failure('compiling the schema', error)
  }
  if (found !== undefined) {
    throw failure('linting the configuration file', new SchemaError(found))
  }
}

/** Builds what a start would build, when asked to. */
export async function built(loaded: LoadedConfig, { flags, env }: Invocation): Promise<void> {
  if (!flags.isOn('test-gin-routes')) return
  const { config, routeProblems } = loaded
  const { maxDecodeBytes } = readSettings({ config: config.file, flags, env })
  try {
    if (routeProblems.length > 0) throw new ConfigError(routeProblems)
    // Only this needs everything that serves requests.
    const { tryToBuild } = await import('../../process/trial.ts')
    await tryToBuild(config, maxDecodeBytes)
  } catch (error) {
    const found = error instanceof ConfigError ? loaded.locate(error.problems) : undefined
    throw failure('testing the configuration file', found ? new ConfigError(found) : error)
  }
}

/** Asks the registries, when asked to. */
export async function reachable(loaded: LoadedConfig, invocation: Invocation): Promise<void> {
  if (!invocation.flags.isOn('discovery')) return
  // Only this needs the registries' clients.
  const { unreachableLists } = await import('../discover/ask-once.ts')
  const problems = await unreachableLists(loaded.config, invocation)
  if (problems.length > 0) throw failure('asking the registries', new ConfigError(problems))
}

/** Turns what went wrong with the file or the schema into a failed check; bugs pass. */
function failure(step: string, error: unknown): unknown {
  if (error instanceof ConfigError) return new CheckFailure(step, error.message, error.problems)
  if (!(error instanceof SchemaError)) return error
  return new CheckFailure(step, error.message, [{ place: {}, message: error.message }])
}
