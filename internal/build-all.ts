import { ConfigError, type ConfigProblem, describeProblem } from './errors.ts'

/**
 * Builds every part, also after one of them could not be: what is wrong with a configuration is said at once.
 *
 * @throws {ConfigError} with the problems of all parts
 */
export function buildAll<Parts extends readonly unknown[]>(
  ...builds: { readonly [At in keyof Parts]: () => Parts[At] }
): Parts {
  const errors: unknown[] = []
  const parts = builds.map((build) => {
    try {
      return build()
    } catch (error) {
      errors.push(error)
      return undefined
    }
  })
  throwAll(errors)
  return parts as unknown as Parts
}

/** Throws one `ConfigError` for many, each problem once. What is none is a fault of ours and comes first. */
export function throwAll(errors: readonly unknown[]): void {
  if (errors.length === 0) return
  const problems = new Map<string, ConfigProblem>()
  for (const error of errors) {
    if (!(error instanceof ConfigError)) throw error
    for (const problem of error.problems) problems.set(describeProblem(problem), problem)
  }
  throw new ConfigError([...problems.values()])
}
