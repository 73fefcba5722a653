import type { Answer, OutgoingCall } from './message.ts'

/** Changes a call before it is sent. Throws a `GatewayError` when it cannot. */
export type CallModifier = (call: OutgoingCall) => void
/** Changes an answer before anybody judges it. Rejects or throws a `GatewayError` when it cannot. */
export type AnswerModifier = (answer: Answer) => void | Promise<void>

/** What a modifier can do: either side may be absent. */
export type Modifier = {
  readonly call?: CallModifier | undefined
  readonly answer?: AnswerModifier | undefined
}

/** Answers whether a filter's modifier or its `else` is due. */
export type Condition = {
  readonly call: (call: OutgoingCall) => boolean
  readonly answer: (answer: Answer) => boolean
}

/** A filter: both sides, whatever its modifiers have. */
export function filtered(condition: Condition, whenTrue: Modifier, whenFalse: Modifier): Modifier {
  return {
    call(call) {
      ;(condition.call(call) ? whenTrue : whenFalse).call?.(call)
    },
    answer: (answer) => (condition.answer(answer) ? whenTrue : whenFalse).answer?.(answer),
  }
}

/** A condition on the call, asked with the answer as well. */
export const ofCall = (matches: (call: OutgoingCall) => boolean): Condition => ({
  call: matches,
  answer: (answer) => matches(answer.call),
})
