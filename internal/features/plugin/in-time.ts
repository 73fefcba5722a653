import type { Deadline } from '../../pipe/deadline.ts'
import { withinDeadline } from '../../pipe/within-deadline.ts'
import { failureOf } from './failure.ts'
import type { Result } from './plugin.ts'

/** What a plugin does, no longer than its request has time; whatever it throws fails this request only. */
export async function inTime<T>(
  name: string,
  work: () => Result<T>,
  deadline: Deadline,
): Promise<T> {
  try {
    return await withinDeadline(Promise.resolve(work()), deadline)
  } catch (error) {
    throw failureOf(name, error)
  }
}
