import type { Call, Send, UpstreamReply } from '../../client/client.ts'
import { discard } from '../../client/redirect.ts'
import { bodyOf } from '../../pipe/collect.ts'
import type { Deadline } from '../../pipe/deadline.ts'
import { type CallFeature, pathOf } from '../feature.ts'
import { Answer, OutgoingCall } from './martian/message.ts'
import type { AnswerModifier, Modifier } from './martian/modifier.ts'
import { readModifier } from './martian/read-modifier.ts'

const NAMESPACE = 'modifier/martian'

/**
 * `modifier/martian`: changes calls to an upstream and its answers with fixed values. Answers are changed before
 * their status is judged and their body decoded; redirects are followed inside.
 */
export const martian: CallFeature = {
  namespace: NAMESPACE,
  prepare(config, place) {
    const modifier = readModifier(config, pathOf(NAMESPACE, place))
    if (modifier.call === undefined && modifier.answer === undefined) return undefined
    return (send) => modified(send, modifier)
  },
}

function modified(send: Send, { call: modifyCall, answer: modifyAnswer }: Modifier): Send {
  return async function sendModified(call: Call, deadline: Deadline) {
    const outgoing = new OutgoingCall(call)
    modifyCall?.(outgoing)
    const reply = outgoing.skipsCall ? NOTHING : await send(outgoing.toCall(), deadline)
    return modifyAnswer === undefined ? reply : answered(modifyAnswer, outgoing, reply)
  }
}

async function answered(
  modify: AnswerModifier,
  call: OutgoingCall,
  reply: UpstreamReply,
): Promise<UpstreamReply> {
  const answer = new Answer(call, reply)
  try {
    await modify(answer)
  } catch (error) {
    discard(answer.toReply())
    throw error
  }
  return answer.toReply()
}

/** What a file replaces. */
const NOTHING: UpstreamReply = Object.freeze({
  status: 200,
  header: () => undefined,
  headerList: () => [],
  body: bodyOf(Buffer.alloc(0)),
})
