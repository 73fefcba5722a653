import type { Deadline, DeadlineWheel } from '../pipe/deadline.ts'

/** Calls `end` unless the returned deadline is finished within `limitMs` of `startMs`. */
export function endWhenLate(
  wheel: DeadlineWheel,
  startMs: number,
  limitMs: number,
  end: () => void,
): Deadline {
  const late = wheel.start(startMs).limit(limitMs)
  late.whenOver(end)
  return late
}
