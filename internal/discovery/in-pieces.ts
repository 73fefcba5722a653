/** Work that may stop at any of its steps; each says what it cost. */
export type Steps = Generator<number, void, void>

/** Hosts that are taken over in one piece: under a millisecond of work. */
export const HOSTS_PER_PIECE = 256

/** Lets everything else that waits have its turn. */
export type Pause = (goOn: () => void) => void

const afterTurn: Pause = (goOn) => void setImmediate(goOn)

/**
 * Does work in pieces, with turns of the event loop between them: requests go on meanwhile. What fits one piece is
 * done at once. `whenDone` is called at the end.
 */
export function inPieces(steps: Steps, whenDone: () => void, pause: Pause = afterTurn): void {
  let cost = 0
  for (let next = steps.next(); next.done !== true; next = steps.next()) {
    cost += next.value
    if (cost >= HOSTS_PER_PIECE) return pause(() => inPieces(steps, whenDone, pause))
  }
  whenDone()
}
