import { type Pause, type Running, SLICE } from './machine/values.ts'

/** Runs to the end: at once where nothing has to be waited for, so that most requests pay for no promise. */
export function drive<T>(running: Running<T>): T | Promise<T> {
  const step = running.next()
  return step.done === true ? step.value : driveOn(running, step.value)
}

async function driveOn<T>(running: Running<T>, first: Pause): Promise<T> {
  let pause = first
  for (;;) {
    const step = await resumed(running, pause)
    if (step.done === true) return step.value
    pause = step.value
  }
}

async function resumed<T>(running: Running<T>, pause: Pause): Promise<IteratorResult<Pause, T>> {
  let answer: unknown
  try {
    answer = await (pause === SLICE ? nextTurn() : pause)
  } catch (thrown) {
    return running.throw(thrown)
  }
  return running.next(answer)
}

/** Other requests first. */
const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
