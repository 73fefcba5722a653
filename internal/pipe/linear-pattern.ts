import { createRequire } from 'node:module'
import { ConfigError } from '../errors.ts'

/** Whether something in a text matches. */
export type Pattern = (text: string) => boolean

/** Only configurations with patterns pay for the library. */
const load = createRequire(import.meta.url)

/**
 * Compiles a regular expression of the configuration: RE2 syntax, unanchored, in time linear to the text, so that
 * no pattern and no text can stop a thread. `path` is where it stands.
 */
export function linearPattern(source: string, path: string): Pattern {
  const pattern = compiledPattern(source)
  if (typeof pattern === 'string')
    throw new ConfigError([{ place: { path }, message: pattern, found: source }])
  return pattern
}

/** The same for a pattern from elsewhere: why it cannot be compiled instead of an exception. */
export function compiledPattern(source: string): Pattern | string {
  const { RE2JS } = load('re2js') as typeof import('re2js')
  try {
    const compiled = RE2JS.compile(source)
    return (text) => compiled.test(text)
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}
