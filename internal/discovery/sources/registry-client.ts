import type { Dispatcher } from 'undici'
import { undici } from '../../undici.ts'
import { DiscoveryError } from '../discovery.ts'
import { agents, type TlsFiles } from './registry-agent.ts'

/** Larger answers are refused: 5,000 instances of Eureka are about 7 MB. */
const MOST_BYTES = 64 * 2 ** 20
/** So much of a refusal is shown. */
const SHOWN_LENGTH = 200
const CONNECT_MS = 2000
const ANSWER_MS = 5000

export type RegistryClientOptions = {
  /** `http(s)://host:port` of each member, without credentials; asked from the last good one on. */
  readonly members: readonly string[]
  /** Which member comes first; the first one when absent. */
  readonly random?: (() => number) | undefined
  readonly connectMs?: number | undefined
  /** How long a member may take to answer. */
  readonly answerMs?: number | undefined
  readonly tls?: TlsFiles | undefined
  /** Sent with every call, asked anew each time; `member` is the place in `members`. */
  readonly headers?: ((member: number) => Promise<Headers>) | undefined
}
type Headers = Readonly<Record<string, string>>

export type RegistryCall = {
  readonly method?: 'GET' | 'POST' | 'PUT' | undefined
  /** Path and query: they appear in errors, so no secret belongs there. */
  readonly path: string
  readonly headers?: Headers | undefined
  readonly body?: string | undefined
  /** For calls that the registry answers late on purpose. */
  readonly answerMs?: number | undefined
}

export type RegistryReply = {
  readonly status: number
  /** The first value of a header, by its name in small letters. */
  header(lowerName: string): string | undefined
  readonly text: string
  /** Who answered, for messages. */
  readonly who: string
}
export type RegistryLines = {
  readonly status: number
  readonly who: string
  /** Ends when the registry ends the answer; rejects with a `DiscoveryError` when the connection breaks. */
  readonly lines: AsyncIterable<string>
}

/** Calls a registry over HTTP: bounded in time and size, without redirects, member after member. */
export type RegistryClient = {
  /**
   * Resolves with the first answer below 500. Rejects with a `DiscoveryError` (`unreachable`) when no member gave
   * one, and with the signal's reason when that is over.
   */
  call(call: RegistryCall, signal: AbortSignal): Promise<RegistryReply>
  /** The same for an answer that goes on, line by line; `quietMs` of silence break it (0: never). */
  lines(call: RegistryCall, quietMs: number, signal: AbortSignal): Promise<RegistryLines>
  close(): Promise<void>
}

/** A client of the registry whose members these are. */
export function registryClient(options: RegistryClientOptions): RegistryClient {
  const { members, random, connectMs = CONNECT_MS, answerMs = ANSWER_MS, tls = {} } = options
  const isTls = members.some((member) => member.startsWith('https:'))
  const pool = agents(connectMs, isTls, tls)
  let good = random === undefined ? 0 : Math.floor(random() * members.length)

  async function start(call: RegistryCall, member: number, bodyMs: number, signal: AbortSignal) {
    const { method = 'GET', path, body } = call
    const headers = { ...(await options.headers?.(member)), ...call.headers }
    return await undici().request(members[member] + path, {
      method,
      headers,
      ...(body === undefined ? {} : { body }),
      dispatcher: await pool.current(),
      headersTimeout: call.answerMs ?? answerMs,
      bodyTimeout: bodyMs,
      signal,
    })
  }

  /** Lets the members try in turn, until one does what `attempt` asks. */
  async function each<T>(
    path: string,
    attempt: (member: number, who: string) => Promise<T>,
    signal: AbortSignal,
  ): Promise<T> {
    const failures: string[] = []
    const first = good
    for (let turn = 0; turn < members.length; turn++) {
      const member = (first + turn) % members.length
      const who = `${members[member]}${path.replace(/\?.*$/s, '')}`
      try {
        const done = await attempt(member, who)
        good = member
        return done
      } catch (error) {
        signal.throwIfAborted()
        if (error instanceof DiscoveryError && error.failure !== 'unreachable') throw error
        failures.push(
          error instanceof DiscoveryError ? error.message : `${who}: ${reasonOf(error)}`,
        )
      }
    }
    throw new DiscoveryError('unreachable', failures.join('; '))
  }

  return {
    call: (call, signal) =>
      each(
        call.path,
        async (member, who) => {
          const reply = await start(call, member, answerMs, signal)
          const text = await textOf(reply.body, who)
          return refused(reply, who, text)
        },
        signal,
      ),
    lines: (call, quietMs, signal) =>
      each(
        call.path,
        async (member, who) => {
          const reply = await start(call, member, quietMs, signal)
          if (reply.statusCode >= 300) {
            const { status } = refused(reply, who, await textOf(reply.body, who))
            return { status, who, lines: nothing() }
          }
          return { status: reply.statusCode, who, lines: linesOf(reply.body, who, signal) }
        },
        signal,
      ),
    close: () => pool.close(),
  }
}

/** What a member answered; a failure of its own sends the question to the next. */
function refused(
  { statusCode: status, headers }: Dispatcher.ResponseData,
  who: string,
  text: string,
): RegistryReply {
  if (status >= 500 || (status >= 300 && status < 400))
    throw new DiscoveryError('unreachable', `${who}: ${refusal(status, text)}`)
  const header = (lowerName: string) => {
    const value = headers[lowerName]
    return Array.isArray(value) ? value[0] : value
  }
  return { status, header, text, who }
}

/** A status and the beginning of what came with it, in one line. */
export function refusal(status: number, text: string): string {
  const shown = text.slice(0, SHOWN_LENGTH).replaceAll(/\s+/g, ' ').trim()
  return shown === '' ? `answered ${status}` : `answered ${status}: ${shown}`
}

async function textOf(body: Dispatcher.ResponseData['body'], who: string): Promise<string> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of body as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > MOST_BYTES) {
      body.destroy()
      throw new DiscoveryError('broken', `${who}: the answer is larger than ${MOST_BYTES} bytes`)
    }
    chunks.push(chunk)
  }
  return Buffer.concat(chunks, size).toString('utf8')
}

async function* linesOf(
  body: Dispatcher.ResponseData['body'],
  who: string,
  signal: AbortSignal,
): AsyncGenerator<string> {
  const decoder = new TextDecoder()
  let rest = ''
  try {
    for await (const chunk of body as AsyncIterable<Buffer>) {
      rest += decoder.decode(chunk, { stream: true })
      if (rest.length > MOST_BYTES)
        throw new DiscoveryError('broken', `${who}: a line is larger than ${MOST_BYTES} bytes`)
      const lines = rest.split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) if (line.trim() !== '') yield line
    }
    if (rest.trim() !== '') yield rest
  } catch (error) {
    signal.throwIfAborted()
    if (error instanceof DiscoveryError) throw error
    throw new DiscoveryError('unreachable', `${who}: ${reasonOf(error)}`, error)
  } finally {
    body.destroy()
  }
}

async function* nothing(): AsyncGenerator<string> {}

const REASONS: Readonly<Record<string, string>> = {
  UND_ERR_CONNECT_TIMEOUT: 'no connection in time',
  UND_ERR_HEADERS_TIMEOUT: 'no answer in time',
  UND_ERR_BODY_TIMEOUT: 'the answer stopped coming',
  UND_ERR_SOCKET: 'the connection broke',
}

/** Why a call failed, in words that never hold what was sent. */
function reasonOf(error: unknown): string {
  const { code, message, errors } = error as NodeJS.ErrnoException & { errors?: Error[] }
  if (code !== undefined && Object.hasOwn(REASONS, code)) return REASONS[code] ?? code
  if (message !== '') return message
  return errors?.map((one) => one.message).join(', ') ?? code ?? 'the call failed'
}
