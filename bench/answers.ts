import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import { text } from 'node:stream/consumers'
import { isDeepStrictEqual } from 'node:util'
import type { Exchange, Sent } from './exchange.ts'

const ANSWER_LIMIT_MS = 10_000

/** Fails unless the first, the middle and the last request of `exchange` get 200 and the right JSON. */
export async function checkAnswers(port: number, exchange: Exchange, who: string): Promise<void> {
  const { sent } = exchange
  const tried = new Set([sent[0], sent[Math.floor(sent.length / 2)], sent[sent.length - 1]])
  // twice: there are two upstreams
  for (const one of [...tried, ...tried]) {
    if (one === undefined) continue
    const problem = problemOf(await answerTo(port, exchange, one), exchange)
    if (problem !== undefined) throw new Error(`${who}, ${one.path}: ${problem}`)
  }
}

/** What is wrong with an answer, if anything. */
export function problemOf(
  answer: { readonly status: number; readonly body: string },
  exchange: Exchange,
): string | undefined {
  const shown = answer.body.slice(0, 200)
  if (answer.status !== 200) return `answered ${answer.status} ${shown}`
  return isDeepStrictEqual(parsed(answer.body), exchange.answer)
    ? undefined
    : `answered something else: ${shown}`
}

async function answerTo(port: number, { method, body, headers }: Exchange, sent: Sent) {
  const outgoing = request({
    host: '127.0.0.1',
    port,
    method,
    path: sent.path,
    headers: { ...headers, ...sent.headers },
    agent: false,
    timeout: ANSWER_LIMIT_MS,
  })
  outgoing.once('timeout', () => outgoing.destroy(new Error('no answer')))
  outgoing.end(body)
  const [response] = (await once(outgoing, 'response')) as [IncomingMessage]
  return { status: response.statusCode ?? 0, body: await text(response) }
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    // undefined is no JSON value, so it equals no answer
    return undefined
  }
}
