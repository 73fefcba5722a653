import type { Deadline } from './deadline.ts'

/** `promise`, but rejected with the deadline's reason when that comes first. What it works on goes on. */
export function withinDeadline<T>(promise: Promise<T>, deadline: Deadline): Promise<T> {
  return new Promise((resolve, reject) => {
    const takeBack = deadline.whenOver(reject)
    promise.then(
      (value) => {
        takeBack()
        resolve(value)
      },
      (reason) => {
        takeBack()
        reject(reason)
      },
    )
  })
}
