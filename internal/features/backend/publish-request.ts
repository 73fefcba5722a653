import type { Deadline } from '../../pipe/deadline.ts'
import type { DataResponse, Decorator, Pipe, ProxyRequest } from '../../pipe/pipe.ts'
import type { Scope } from '../feature.ts'

/** Resolves when the broker has the message. */
export type Send = (request: ProxyRequest, body: Buffer, deadline: Deadline) => Promise<void>

/** Hands a request to a broker in the place of a call, and answers `null` when the broker has it. */
export const publishRequest =
  ({ holder }: Scope, send: Send): Decorator<Pipe> =>
  () =>
    async function publish(request, deadline) {
      const body = (await holder.hold(request.body, deadline)) ?? EMPTY
      await send(request, body, deadline)
      return NULL
    }

const EMPTY = Buffer.alloc(0)
const NULL: DataResponse = Object.freeze({
  kind: 'data',
  data: null,
  sources: [],
  isComplete: true,
  status: 0,
  headers: [],
  errors: [],
})
