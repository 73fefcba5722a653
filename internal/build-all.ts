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

/** Builds a part; when it cannot be built, what is wrong with the others is said as well. */
export function buildOrAlso<Part>(build: () => Part, ...others: readonly (() => unknown)[]): Part {
  try {
    return build()
  } catch (error) {
    const failed = (): never => {
      throw error
    }
    buildAll(failed, ...others)
    return failed()
  }
}

/** Builds a part that names places from where it stands on; `at` is where that is. */
export function buildAt<Part>(at: string, build: () => Part): Part {
  try {
    return build()
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    throw new ConfigError(
      error.problems.map((problem) => ({
        ...problem,
        place: { ...problem.place, path: [at, problem.place.path].filter(Boolean).join('.') },
      })),
    )
  }
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
