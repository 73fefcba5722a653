import { quoted } from './words.ts'

/** Why a text does not have a format; `undefined` when it does. */
export type Fault = string | undefined

/** A character as Go's `%q` prints it. */
export const character = (letter: string): string => `character ${quoted(letter)}`

/** The first fault that one of `parts` finds, with where it was found. */
export function partFault(where: string, fault: Fault): Fault {
  return fault === undefined ? undefined : `${where}: ${fault}`
}
