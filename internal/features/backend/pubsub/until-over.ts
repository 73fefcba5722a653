import { GatewayError } from '../../../errors.ts'
import type { Deadline } from '../../../pipe/deadline.ts'

/** What `work` comes to, or the reason why the request is over before. What a library throws becomes ours. */
export function untilOver<T>(deadline: Deadline, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    deadline.whenOver(reject)
    work.then(
      (value) => {
        deadline.forget(reject)
        resolve(value)
      },
      (cause: Error) => {
        deadline.forget(reject)
        reject(new GatewayError('component', { message: cause.message, cause }))
      },
    )
  })
}
