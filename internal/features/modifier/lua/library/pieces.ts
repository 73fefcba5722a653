import type { Machine } from '../machine/machine.ts'
import type { Running } from '../machine/values.ts'

/** What takes well under a millisecond. */
export const LONGEST_PIECE = 1 << 12
/** A letter has at most four bytes: one that does not belong to a letter ends no later. */
const MOST_BYTES_BEHIND = 3

const isInsideLetter = (code: number): boolean => code >= 0x80 && code < 0xc0

/** Changes a text piece by piece, so that others have their turn. No piece ends inside of a letter. */
export function* inPieces(
  machine: Machine,
  text: string,
  change: (piece: string) => string,
  stepsOfByte = 1,
): Running<string[]> {
  if (text.length <= LONGEST_PIECE) return [change(text)]
  const pieces: string[] = []
  for (let start = 0; start < text.length; ) {
    let end = Math.min(start + LONGEST_PIECE, text.length)
    for (let at = 0; at < MOST_BYTES_BEHIND && isInsideLetter(text.charCodeAt(end)); at++) end--
    pieces.push(change(text.slice(start, end)))
    machine.steps -= (end - start) * stepsOfByte
    yield* machine.rest()
    start = end
  }
  return pieces
}
