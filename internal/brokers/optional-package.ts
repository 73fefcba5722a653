import { createRequire } from 'node:module'
import { ConfigError } from '../errors.ts'

const require = createRequire(import.meta.url)

/**
 * A package that only some configurations need. It is looked for when one asks for it.
 *
 * @throws {ConfigError} naming the package, when it is not installed
 */
export function optionalPackage(name: string, path: string): unknown {
  try {
    return require(name)
  } catch (error) {
    if (!isMissing(error, name)) throw error
    throw new ConfigError([
      {
        place: { path },
        message: `the package ${name} is not installed`,
        allowed: `npm install ${name}`,
      },
    ])
  }
}

/** The package itself is not there; one that it needs in turn is another failure. */
const isMissing = (error: unknown, name: string): boolean =>
  ['MODULE_NOT_FOUND', 'ERR_MODULE_NOT_FOUND'].includes(
    (error as NodeJS.ErrnoException).code ?? '',
  ) && (error as Error).message.includes(`'${name}'`)
