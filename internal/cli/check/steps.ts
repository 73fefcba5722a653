import { byPlace } from '../../config/failure.ts'
import { type LoadedConfig, lint, loadConfig } from '../../config/load.ts'
import { pathsOf } from '../../config/locate-problems.ts'
import { ConfigError, type ConfigProblem } from '../../errors.ts'
import { faultFinder } from '../../process/fault-finder.ts'
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
    const { allowUnknownSecurity, maxDecodeBytes } = readSettings({ config: file, flags, env })
    const findMore = faultFinder({ file, maxDecodeBytes })
    return await loadConfig({ file, env, allowUnknownSecurity, findMore, lints: lints({ flags }) })
  } catch (error) {
    throw failure('parsing the configuration file', error)
  }
}

/** Applies what the flags ask for: our own schema and rules, or a schema of the user's. */
export async function linted(loaded: LoadedConfig, invocation: Invocation): Promise<void> {
  const { flags } = invocation
  if (lints(invocation)) {
    const problems = lint(loaded)
    if (problems.length > 0) {
      const more = builds(invocation) ? await faultsOf(loaded, problems, invocation) : []
      throw failure(
        'linting the configuration file',
        new ConfigError([...problems, ...more].sort(byPlace)),
      )
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

const lints = ({ flags }: Pick<Invocation, 'flags'>): boolean =>
  flags.isOn('lint') || flags.isOn('lint-no-network')

const builds = ({ flags }: Invocation): boolean => flags.isOn('test-gin-routes')

/** Builds what a start would build, when asked to. */
export async function built(loaded: LoadedConfig, invocation: Invocation): Promise<void> {
  if (!builds(invocation)) return
  const { routeProblems } = loaded
  const problems = [...routeProblems, ...(await faultsOf(loaded, routeProblems, invocation))]
  if (problems.length === 0) return
  throw failure('testing the configuration file', new ConfigError(problems.sort(byPlace)))
}

/** What a start would stumble over besides `known`. */
async function faultsOf(
  { config: { file }, document, locate }: LoadedConfig,
  known: readonly ConfigProblem[],
  { flags, env }: Invocation,
): Promise<readonly ConfigProblem[]> {
  const { maxDecodeBytes } = readSettings({ config: file, flags, env })
  return locate(await faultFinder({ file, maxDecodeBytes })(document, pathsOf(known)))
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
