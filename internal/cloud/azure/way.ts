import type { TokenGrant } from '../access-tokens.ts'

/** One way to an identity, by the name that Azure's own libraries have for it. */
export type Way = { readonly name: string; readonly grant: TokenGrant }

export type Environment = Readonly<Record<string, string | undefined>>

/** Thrown by a way that does not lead anywhere on this machine: the next one is tried. */
export class NotHere extends Error {}

/** The values of variables that must be set. Throws `NotHere` when one is not. */
export function wanted(env: Environment, ...names: readonly string[]): string[] {
  const lacking = names.filter((name) => (env[name] ?? '') === '')
  if (lacking.length > 0) throw new NotHere(`${lacking.join(', ')} not set`)
  return names.map((name) => env[name] ?? '')
}

/** The address whose tokens are asked for, as older servers and the command line want it. */
export const resourceOf = (scope: string): string => scope.replace(/\/\.default$/, '')
