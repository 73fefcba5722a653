import type { Deadline } from '../pipe/deadline.ts'
import type { ClientRequest, Reply } from '../pipe/pipe.ts'
import type { AccessLog } from '../telemetry/access-log.ts'
import type { Logger } from '../telemetry/log.ts'
import type { Counter, Gauge } from '../telemetry/metrics.ts'
import { type ReplyTarget, writeReply } from './write-reply.ts'
import { writeTogether } from './write-together.ts'

/** What the listener hands requests to. Never rejects. */
export type Serve = (request: ClientRequest, deadline: Deadline) => Promise<Reply>

/** What a listener counts. */
export type ListenerMeters = {
  readonly inFlight: Gauge
  readonly connections: Gauge
  readonly responseBytes: Counter
}

/** One request on its way through, whatever protocol it came by. */
export type Turn = {
  readonly deadline: Deadline
  readonly response: ReplyTarget
  /** The reply is about to be written: a request that goes on arriving is refused here. */
  beforeReply(request: ClientRequest): void
  /** The last byte was handed over, or the reply was cut. */
  afterReply(): void
}

/** Answers one request. */
export type Answer = (request: ClientRequest, turn: Turn) => void

export type AnswerOptions = {
  readonly serve: Serve
  readonly meters: ListenerMeters
  /** `undefined`: no access log. */
  readonly accessLog: AccessLog | undefined
  readonly log: Pick<Logger, 'error'>
}

/** From a request to the bytes of its reply, counted and logged: the same for every protocol. */
export function answerer({ serve, meters, accessLog, log }: AnswerOptions): Answer {
  const soon = writeTogether()
  let underWay = 0
  const write = (request: ClientRequest, turn: Turn, reply: Reply): void => {
    const { deadline, response } = turn
    turn.beforeReply(request)
    writeReply(response, reply, (bytes, status, problem) => {
      const tookMs = performance.now() - deadline.startMs
      underWay--
      deadline.finish()
      meters.inFlight.add(-1)
      meters.responseBytes.add(bytes)
      deadline.meter?.record(status, tookMs)
      deadline.replied(status, bytes, tookMs)
      if (problem !== undefined) log.error('[SERVICE] a reply cannot be written:', problem)
      if (accessLog !== undefined && reply.isUnlogged !== true)
        accessLog(request, status, tookMs, reply.errors)
      turn.afterReply()
    })
  }
  return function answer(request, turn) {
    underWay++
    meters.inFlight.add(1)
    void serve(request, turn.deadline).then((reply) => {
      // A single request gains nothing by waiting.
      if (underWay === 1) write(request, turn, reply)
      else soon(() => write(request, turn, reply))
    })
  }
}
