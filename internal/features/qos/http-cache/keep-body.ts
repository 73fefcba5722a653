import type { Deadline } from '../../../pipe/deadline.ts'
import type { BodyStream } from '../../../pipe/pipe.ts'

/**
 * The body as it flows. When it has ended `keep` gets all of it, and the reader hears of the end after that: who asks
 * again finds the answer kept. A body larger than `maxBytes` flows and is not kept.
 */
export function keepBody(
  body: BodyStream,
  deadline: Deadline,
  maxBytes: number,
  keep: (bytes: Buffer) => Promise<unknown>,
): BodyStream {
  let isGivenUp = false
  return {
    start(sink) {
      let chunks: Buffer[] | undefined = []
      let size = 0
      body.start({
        data(chunk) {
          size += chunk.length
          if (size > maxBytes) chunks = undefined
          chunks?.push(chunk)
          return sink.data(chunk)
        },
        end() {
          const finish = () => {
            if (!isGivenUp) sink.end()
          }
          if (chunks === undefined) finish()
          else void settled(keep(Buffer.concat(chunks, size)), deadline).then(finish)
        },
        error: (error) => sink.error(error),
      })
    },
    resume: () => body.resume(),
    destroy(reason) {
      isGivenUp = true
      body.destroy(reason)
    },
  }
}

/** Resolves when `work` is done, well or not, or when nobody waits any more. */
function settled(work: Promise<unknown>, deadline: Deadline): Promise<void> {
  return new Promise((resolve) => {
    const forget = deadline.whenOver(() => resolve())
    const finish = () => {
      forget()
      resolve()
    }
    work.then(finish, finish)
  })
}
