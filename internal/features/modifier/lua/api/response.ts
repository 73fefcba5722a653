import { bodyOf, collect } from '../../../../pipe/collect.ts'
import { headerValue, withoutHeader } from '../../../../pipe/headers.ts'
import type { HeaderList, JsonObject, ProxyResponse } from '../../../../pipe/pipe.ts'
import { flagOf, numberOf, textOf } from '../library/arguments.ts'
import { lazily } from '../library/library.ts'
import { Caller, NONE, type Running, type Values } from '../machine/values.ts'
import { type Api, type Kind, loader, method, selfOf } from './api.ts'
import { HeaderLines } from './header-lines.ts'
import { measure, ObjectView, own } from './json.ts'

const COMPLAINT = 'response expected'

export type ResponseOptions = {
  readonly maxBytes: number
  /** Whether a body that a script makes is an answer: the endpoint passes bodies on. */
  readonly passesBodies: boolean
  /** Keys that upstream errors stand under (`return_error_details`). */
  readonly details: ReadonlySet<string>
}

/** An answer in the hands of a script. */
export class ResponseView {
  readonly api: Api
  isComplete: boolean
  status: number
  readonly headers: HeaderLines
  #data: JsonObject | undefined
  #body: Buffer | undefined
  hasNewBody = false
  hasChanged = false
  readonly #response: ProxyResponse
  readonly #options: ResponseOptions

  constructor(api: Api, response: ProxyResponse, options: ResponseOptions) {
    this.api = api
    this.#response = response
    this.#options = options
    this.isComplete = response.isComplete
    this.status = response.status
    this.headers = new HeaderLines(response.headers, { isExact: true, joinsLines: true })
  }

  /** Whether its status is the client's. */
  get passesBodies(): boolean {
    return this.#options.passesBodies
  }

  get details(): ReadonlySet<string> {
    return this.#options.details
  }

  get data(): JsonObject {
    const { kind } = this.#response
    this.#data ??= own(this.api, kind === 'data' ? (this.#response.data ?? {}) : {})
    return this.#data
  }

  /** The body of an answer that is passed through; `undefined`: it has yet to come. */
  get body(): Buffer | undefined {
    return this.#response.kind === 'stream' ? this.#body : (this.#body ?? NOTHING)
  }

  set body(body: Buffer) {
    this.#body = body
    this.hasChanged = true
  }

  async readBody(): Promise<void> {
    if (this.#response.kind === 'stream')
      this.body = await collect(this.#response.body, this.#options.maxBytes)
  }

  /** Nobody wants the answer any more. */
  discard(): void {
    if (this.#response.kind === 'stream') this.#response.body.destroy()
  }

  /** The answer with what the script has changed. */
  *finished(): Running<ProxyResponse> {
    const { isComplete, status } = this
    const original = this.#response
    const hasNewData = this.api.hasWritten && this.#data !== undefined
    if (!this.hasChanged && !this.headers.hasChanged && !hasNewData) return original
    if (original.kind === 'stream' || (this.hasNewBody && this.#options.passesBodies))
      return this.#stream(original)
    const changed = { ...original, isComplete, status, headers: this.#framed }
    if (!hasNewData) return changed
    if (this.api.hasNested) yield* measure(this.data)
    return { ...changed, data: this.data, sources: [] }
  }

  /** Where the answer ends is not a script's to say: with another length, its rest would be the next answer. */
  get #framed(): HeaderList {
    const { list } = this.headers
    const length = headerValue(list, 'content-length')
    const isKept = length === headerValue(this.#response.headers, 'content-length')
    const framing = isKept ? FRAMING : [...FRAMING, 'content-length']
    return framing.reduce<HeaderList>(withoutHeader, list)
  }

  #stream(original: ProxyResponse): ProxyResponse {
    const { isComplete, status } = this
    const body =
      this.#body === undefined && original.kind === 'stream'
        ? original.body
        : bodyOf(this.#body ?? NOTHING)
    if (this.hasNewBody && original.kind === 'stream') this.discard()
    return {
      kind: 'stream',
      status,
      headers: this.hasNewBody ? withoutHeader(this.#framed, 'content-length') : this.#framed,
      body,
      isComplete,
      errors: original.errors,
    }
  }
}

const NOTHING = Buffer.alloc(0)
const FRAMING = ['transfer-encoding', 'trailer']
/** A status that HTTP has. */
const STATUS = { lowest: 100, highest: 999 }

/** `response`: what `modifier/lua-proxy` and `modifier/lua-backend` work on after the call. */
export const RESPONSE: Kind = {
  name: 'response',
  isOffered: true,
  statics: { load: loader('response') },
  methods: lazily({
    isComplete: method(ResponseView, COMPLAINT, (self, args, machine) => {
      if (args.length === 1) return [self.isComplete]
      self.isComplete = flagOf(machine, args, 2)
      self.hasChanged = true
      return NONE
    }),
    statusCode: method(ResponseView, COMPLAINT, (self, args, machine) => {
      if (args.length === 1) return [self.status]
      const status = Math.trunc(numberOf(machine, args, 2))
      if (self.passesBodies && !(status >= STATUS.lowest && status <= STATUS.highest))
        machine.fail(`invalid status code ${status}`)
      self.status = status
      self.hasChanged = true
      return NONE
    }),
    data: method(ResponseView, COMPLAINT, ({ api, data, details }) => [
      api.wrap('luaTable', new ObjectView(api, data, details)),
    ]),
    headers: method(ResponseView, COMPLAINT, ({ api, headers }, args, machine) =>
      headers.one(api, args, machine),
    ),
    headerList: method(ResponseView, 'request expected', ({ api, headers }, args, machine) =>
      headers.several(api, args, machine),
    ),
    body: new Caller(function* body(machine, args): Generator<Promise<void>, Values, unknown> {
      const self = selfOf(ResponseView, COMPLAINT, machine, args)
      if (args.length === 2) {
        self.body = Buffer.from(textOf(machine, args, 2), 'latin1')
        self.hasNewBody = true
        return NONE
      }
      if (self.body === undefined) yield self.readBody()
      const text = (self.body ?? NOTHING).toString('latin1')
      machine.takeText(text.length)
      return [text]
    }),
  }),
}
