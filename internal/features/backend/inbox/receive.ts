import { decoderFor } from '../../../decode/decode.ts'
import { GatewayError, toGatewayError } from '../../../errors.ts'
import type { Deadline } from '../../../pipe/deadline.ts'
import type { DataResponse, JsonObject, Pipe } from '../../../pipe/pipe.ts'
import { shaperFor } from '../../../shape/shape.ts'
import type { BackendPlace, Scope } from '../../feature.ts'
import { asJson, INBOX_TOPIC, type InboxMessage, type Verdict } from './topic.ts'

/** No timer can be set for longer. */
const LONGEST_MS = 2 ** 31 - 1

/** What a decoder says of nothing at all, or white space: no failure of a message, as in KrakenD. */
const NOTHING_TO_READ = 'EOF'

/** The pipe of a backend whose answer is the next message of its queue. What cannot be read goes `unread`. */
export function receiveMessage({ backend }: BackendPlace, scope: Scope, unread: Verdict): Pipe {
  const shape = shaperFor(backend)
  const decode = decoderFor(backend, { exactSpelling: true })
  const isOpaque = backend.encoding === 'no-op'
  const read = (body: Buffer): JsonObject | null => {
    if (body.length > scope.maxDecodeBytes) throw new GatewayError('body-too-large')
    if (isOpaque) return null
    try {
      return decode(body, undefined).data
    } catch (error) {
      if ((error as Error).message === NOTHING_TO_READ) return null
      throw error
    }
  }
  const settle = (tag: number, verdict: Verdict): void => {
    // It fails only while the process ends: then the broker delivers the message again.
    scope.ask(INBOX_TOPIC, asJson({ ask: 'settle', tag, verdict })).catch(() => undefined)
  }
  return async function receive(_request, deadline): Promise<DataResponse> {
    const { tag, body } = await nextMessage(backend.id, scope, deadline, settle)
    let data: JsonObject | null
    try {
      data = read(Buffer.from(body, 'latin1'))
    } catch (error) {
      settle(tag, unread)
      throw toGatewayError(error, 'decode')
    }
    settle(tag, 'ack')
    return { ...ANSWER, data: shape === undefined ? data : shape(data) }
  }
}

/** One that comes after the deadline goes back. */
function nextMessage(
  id: number,
  scope: Scope,
  deadline: Deadline,
  settle: (tag: number, verdict: Verdict) => void,
): Promise<InboxMessage> {
  return new Promise((resolve, reject) => {
    deadline.whenOver(reject)
    const timeoutMs = Math.min(LONGEST_MS, Math.max(0, deadline.remainingMs(performance.now())))
    scope.ask(INBOX_TOPIC, asJson({ ask: 'take', id, timeoutMs })).then(
      (answer) => {
        const message = answer as InboxMessage | null
        if (message === null) return reject(new GatewayError('timeout'))
        if (deadline.isOver) return settle(message.tag, 'requeue')
        deadline.forget(reject)
        resolve(message)
      },
      (error: Error) => {
        deadline.forget(reject)
        reject(new GatewayError('component', { message: error.message, cause: error }))
      },
    )
  })
}

const ANSWER: Omit<DataResponse, 'data'> = {
  kind: 'data',
  sources: [],
  isComplete: true,
  status: 0,
  headers: [],
  errors: [],
}
