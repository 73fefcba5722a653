import type { UpstreamReply } from '../../../../client/client.ts'
import { isGzip, mayAskForGzip, unpackedHeaders } from '../../../../client/unpacking.ts'
import { collect, collectGunzipped } from '../../../../pipe/collect.ts'
import type { Deadline } from '../../../../pipe/deadline.ts'
import { canonicalHeader, headerValue, headerValues } from '../../../../pipe/headers.ts'
import type { HeaderList } from '../../../../pipe/pipe.ts'
import { COMPATIBILITY_VERSION } from '../../../../version.ts'
import { textOf } from '../library/arguments.ts'
import { lazily } from '../library/library.ts'
import { outOf } from '../machine/budget.ts'
import type { Machine } from '../machine/machine.ts'
import { asText } from '../machine/operators.ts'
import { Table } from '../machine/table.ts'
import { Caller, NONE, type Running, type Value, type Values } from '../machine/values.ts'
import { type Api, type Kind, method, selfOf } from './api.ts'
import { ListView, own } from './json.ts'
import { NEEDS_ARGUMENTS } from './lua-table.ts'
import { fromScript } from './text.ts'

const COMPLAINT = 'response expected'
const USER_AGENT = `KrakenD Version ${COMPATIBILITY_VERSION}`
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/
const FORBIDDEN = /[\x00-\x08\x0a-\x1f\x7f]/
/** More header lines than any server takes. */
const MOST_LINES = 2_000
/** Calls of one execution. */
const MOST_CALLS = 100

/** An answer to a call of a script. */
export class HttpReply {
  readonly api: Api
  readonly status: number
  readonly headers: HeaderList
  text: string | undefined
  readonly #reply: UpstreamReply
  readonly #maxBytes: number
  #isClosed = false

  constructor(api: Api, reply: UpstreamReply, maxBytes: number) {
    this.api = api
    this.status = reply.status
    const headers = reply.headerList()
    this.headers = isGzip(reply) ? unpackedHeaders(headers) : headers
    this.#reply = reply
    this.#maxBytes = maxBytes
  }

  /** The rest of the body is not wanted. */
  close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#reply.body.destroy()
  }

  async read(): Promise<void> {
    if (this.#isClosed) {
      this.text = ''
      return
    }
    this.#isClosed = true
    const read = isGzip(this.#reply) ? collectGunzipped : collect
    this.text = (await read(this.#reply.body, this.#maxBytes)).toString('latin1')
  }
}

/** Waits for a promise; what fails is an error that a script can catch, unless its time is up. */
function* waited<T>(machine: Machine, promise: Promise<T>, deadline: Deadline): Running<T> {
  try {
    return (yield promise) as T
  } catch (problem) {
    if (deadline.reason !== undefined) throw deadline.reason
    return machine.fail(problem instanceof Error ? problem.message : String(problem))
  }
}

function* call(api: Api, machine: Machine, args: Values): Running<Values> {
  const { calling } = api
  if (args.length === 0 || args.length === 2) machine.fail('need 1, 3 or 4 arguments')
  if (api.replies.length >= MOST_CALLS) machine.fail('too many calls of one script')
  const url = addressOf(machine, fromScript(textOf(machine, args, 1)))
  const verb = args.length === 1 ? 'GET' : textOf(machine, args, 2) || 'GET'
  const body = args.length === 1 ? '' : textOf(machine, args, 3)
  if (!TOKEN.test(verb)) machine.fail(`net/http: invalid method ${JSON.stringify(verb)}`)
  const headers = [...headersOf(machine, args[3]), 'User-Agent', USER_AGENT]
  if (mayAskForGzip(verb, headers)) headers.push('Accept-Encoding', 'gzip')
  const sent = calling.client.send(
    {
      method: verb,
      origin: url.origin,
      path: url.pathname + url.search,
      headers,
      body: body === '' ? undefined : Buffer.from(body, 'latin1'),
    },
    calling.deadline,
  )
  const reply = new HttpReply(api, yield* waited(machine, sent, calling.deadline), calling.maxBytes)
  api.replies.push(reply)
  return [api.wrap('http_response', reply)]
}

function addressOf(machine: Machine, text: string): URL {
  const url = URL.parse(text)
  if (url !== null && (url.protocol === 'http:' || url.protocol === 'https:')) return url
  return machine.fail(`unsupported URL ${JSON.stringify(text)}`)
}

/** Name to text, or to a list of texts. */
function headersOf(machine: Machine, value: Value): string[] {
  if (!(value instanceof Table)) return []
  const lines: string[] = []
  for (const [key, content] of value.pairs()) {
    const name = canonicalHeader(machine.print(key))
    const texts =
      content instanceof Table ? [...content.pairs()].map(([, item]) => item) : [content]
    for (const item of texts) {
      const text = asText(item)
      if (text === undefined || (content === item && typeof item !== 'string')) continue
      if (!TOKEN.test(name) || FORBIDDEN.test(text))
        machine.fail(`net/http: invalid header field ${JSON.stringify(name)}`)
      lines.push(name, text)
      if (lines.length > 2 * MOST_LINES) throw outOf('memory')
    }
  }
  return lines
}

/** `http_response`: calls that scripts make by themselves. */
export const HTTP_RESPONSE: Kind = {
  name: 'http_response',
  statics: {
    new: (api) => new Caller((machine, args) => call(api, machine, args)),
  },
  methods: lazily({
    statusCode: method(HttpReply, COMPLAINT, ({ status }) => [status]),
    headers: method(HttpReply, COMPLAINT, ({ headers }, args, machine) => {
      if (args.length !== 2) machine.fail(NEEDS_ARGUMENTS)
      return [headerValue(headers, textOf(machine, args, 2).toLowerCase()) ?? '']
    }),
    headerList: method(HttpReply, COMPLAINT, ({ api, headers }, args, machine) => {
      if (args.length !== 2) machine.fail(NEEDS_ARGUMENTS)
      const values = headerValues(headers, textOf(machine, args, 2).toLowerCase())
      return [api.wrap('luaList', new ListView(api, own(api, values.map(fromScript))))]
    }),
    body: new Caller(function* body(machine, args): Generator<Promise<void>, Values, unknown> {
      const self = selfOf(HttpReply, COMPLAINT, machine, args)
      if (self.text === undefined) {
        try {
          yield self.read()
        } catch (problem) {
          return machine.fail(problem instanceof Error ? problem.message : String(problem))
        }
      }
      const text = self.text ?? ''
      machine.takeText(text.length)
      return [text]
    }),
    close: method(HttpReply, COMPLAINT, (self) => {
      self.close()
      return NONE
    }),
  }),
}
