import { randomInt } from 'node:crypto'
import { DiscoveryError } from '../../discovery.ts'
import { askTcp } from './ask-tcp.ts'
import { askUdp } from './ask-udp.ts'
import { decodeReply, encodeQuestion, type Question, type Reply } from './message.ts'
import { type NameServer, serverText } from './name-server.ts'
import type { ResolvConf } from './resolv-conf.ts'
import type { ServerOrder } from './server-order.ts'
import type { Turnstile } from './turnstile.ts'

const NO_ERROR = 0
const FORMAT_ERROR = 1
const NO_SUCH_NAME = 3
const RCODES = [
  'no error',
  'format error',
  'server failure',
  'no such name',
  'not implemented',
  'refused',
]

/** The name servers, how to ask them, and how many questions may be under way at once. */
export type ResolverOptions = Pick<
  ResolvConf,
  'servers' | 'timeoutMs' | 'attempts' | 'rotate' | 'useTcp'
> & {
  readonly turnstile: Turnstile
  readonly order: ServerOrder
  readonly random: () => number
}

/** A definite answer: records, none of this type, or no such name. */
export type Resolved = Reply & { readonly server: string }

/**
 * Asks the name servers for exactly this name: each in turn, and all again, until one gives a definite answer.
 * Rejects with a `DiscoveryError` that says what each of them did.
 */
export async function resolve(
  question: Question,
  options: ResolverOptions,
  signal: AbortSignal,
): Promise<Resolved> {
  const { turnstile, attempts, order } = options
  const failures: DiscoveryError[] = []
  const release = await turnstile.enter(signal)
  const servers = order.sorted(inTurn(options))
  try {
    for (let attempt = 0; attempt < attempts; attempt++) {
      for (const server of servers) {
        const answer = await askServer(server, question, options, signal).catch(asFailure)
        signal.throwIfAborted()
        if (!(answer instanceof DiscoveryError)) {
          order.answered(server)
          return answer
        }
        order.failed(server)
        failures.push(answer)
      }
    }
  } finally {
    release()
  }
  throw failed(question, failures)
}

function inTurn({ servers, rotate, random }: ResolverOptions): readonly NameServer[] {
  if (!rotate) return servers
  const first = Math.floor(random() * servers.length)
  return [...servers.slice(first), ...servers.slice(0, first)]
}

async function askServer(
  server: NameServer,
  question: Question,
  options: ResolverOptions,
  signal: AbortSignal,
): Promise<Resolved> {
  const timeoutMs = options.timeoutMs
  const late = new DiscoveryError(
    'unreachable',
    `${serverText(server)}: no answer in ${timeoutMs} ms`,
  )
  const limit = new AbortController()
  const timer = setTimeout(() => limit.abort(late), timeoutMs)
  const either = AbortSignal.any([signal, limit.signal])
  try {
    return judged(await exchange(server, question, options.useTcp, either), server)
  } finally {
    clearTimeout(timer)
  }
}

/** Over UDP first, over TCP when the answer is cut off, without EDNS0 when the server does not know it. */
async function exchange(
  server: NameServer,
  question: Question,
  useTcp: boolean,
  signal: AbortSignal,
): Promise<Reply> {
  const ask = (transport: typeof askUdp, hasEdns: boolean): Promise<Reply> => {
    const id = randomInt(65_536)
    const query = encodeQuestion(question, id, hasEdns)
    return transport(server, query, (bytes) => decodeReply(bytes, question, id), signal)
  }
  const first = await ask(useTcp ? askTcp : askUdp, true)
  const reply = first.rcode === FORMAT_ERROR ? await ask(useTcp ? askTcp : askUdp, false) : first
  return reply.isTruncated && !useTcp ? ask(askTcp, reply === first) : reply
}

/** Takes a definite answer; anything else is this server's failure, and the next one is asked. */
function judged(reply: Reply, server: NameServer): Resolved {
  const text = serverText(server)
  if (reply.isTruncated) throw new DiscoveryError('broken', `${text}: answer cut off over TCP`)
  if (reply.rcode !== NO_ERROR && reply.rcode !== NO_SUCH_NAME)
    throw new DiscoveryError('unreachable', `${text}: ${RCODES[reply.rcode] ?? reply.rcode}`)
  const isReferral = !reply.isAuthoritative && !reply.isRecursive && !reply.hasSoa
  if (reply.rcode === NO_ERROR && reply.answers.length === 0 && isReferral)
    throw new DiscoveryError('unreachable', `${text}: does not answer for this name`)
  return { ...reply, server: text }
}

const asFailure = (error: unknown): DiscoveryError =>
  error instanceof DiscoveryError
    ? error
    : new DiscoveryError('broken', error instanceof Error ? error.message : String(error), error)

function failed({ name, type }: Question, failures: readonly DiscoveryError[]): DiscoveryError {
  const told = [...new Set(failures.map((failure) => failure.message))].join('; ')
  const isReached = failures.some((failure) => failure.failure === 'broken')
  return new DiscoveryError(isReached ? 'broken' : 'unreachable', `${type} ${name}: ${told}`)
}
