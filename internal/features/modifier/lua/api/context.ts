import { decodePercent } from '../../../../pipe/percent.ts'
import type { ClientRequest, Params } from '../../../../pipe/pipe.ts'
import { encodeQuery, parseQuery } from '../../../../pipe/query.ts'
import { textOf } from '../library/arguments.ts'
import { lazily } from '../library/library.ts'
import type { Machine } from '../machine/machine.ts'
import { NONE } from '../machine/values.ts'
import { type Api, type Kind, loader, method } from './api.ts'
import { HeaderLines } from './header-lines.ts'
import { NEEDS_ARGUMENTS } from './lua-table.ts'
import { params } from './params.ts'
import { type BodyText, bodyProperty, textProperty } from './subject.ts'
import { toScript, urlText } from './text.ts'

const COMPLAINT = 'ginContext expected'
/** Go's server keeps these apart from a request's headers. */
const HIDDEN = new Set(['Host', 'Transfer-Encoding', 'Trailer'])

/** A client's request in the hands of a script. */
export class Context {
  readonly api: Api
  method: string
  path: string
  rawQuery: string
  /** As a script wrote it. */
  #url: string | undefined
  host: string
  params: Params
  readonly headers: HeaderLines
  readonly body: BodyText
  hasChanged = false
  readonly #request: ClientRequest

  constructor(api: Api, request: ClientRequest, body: BodyText) {
    this.api = api
    this.#request = request
    this.method = request.method
    this.path = request.path
    this.rawQuery = request.rawQuery
    this.host = request.host
    this.params = request.params
    this.headers = new HeaderLines(request.headers, { hidden: HIDDEN })
    this.body = body
  }

  get url(): string {
    return this.#url ?? (this.rawQuery === '' ? this.path : `${this.path}?${this.rawQuery}`)
  }

  /** A new address: its path and query. Its host counts for nothing, as in KrakenD. */
  moveTo(url: string, path: string, rawQuery: string): void {
    this.#url = url
    this.path = path
    this.rawQuery = rawQuery
  }

  setQuery(rawQuery: string): void {
    this.#url = undefined
    this.rawQuery = rawQuery
    this.hasChanged = true
  }

  /** The request with what the script has changed; itself when that is nothing. */
  get request(): ClientRequest {
    if (!this.hasChanged && !this.headers.hasChanged) return this.#request
    const { method: verb, path, rawQuery, host, params } = this
    return {
      ...this.#request,
      method: verb,
      path,
      rawQuery,
      host,
      params,
      headers: this.headers.list,
      body: this.body.body,
    }
  }
}

function setUrl(context: Context, url: string, machine: Machine): void {
  const [, path, query = ''] =
    /^(?:[a-z][a-z0-9+.-]*:)?(?:\/\/[^/?#]*)?([^?#]*)(?:\?([^#]*))?/i.exec(url) ?? []
  if (path === undefined || /[\x00-\x1f\x7f]/.test(url) || typeof decodePercent(path) !== 'string')
    return machine.fail(`invalid URL ${JSON.stringify(url)}`)
  context.moveTo(
    url.replaceAll(' ', '%20'),
    path.replaceAll(' ', '%20'),
    query.replaceAll(' ', '%20'),
  )
}

function query({ rawQuery }: Context, name: string): string {
  const list = parseQuery(rawQuery)
  for (let at = 0; at < list.length; at += 2)
    if (list[at] === name) return toScript(list[at + 1] as string)
  return ''
}

/** The query with one value for `name`: sorted, as Go's `Values.Encode` writes it. */
function withValue({ rawQuery }: Context, name: string, value: string): string {
  const list = parseQuery(rawQuery)
  const others = list.filter((_, at) => list[at - (at % 2)] !== name)
  return encodeQuery([...others, name, value])
}

/** `ctx`: what `modifier/lua-endpoint` works on. */
export const CONTEXT: Kind = {
  name: 'ctx',
  isOffered: true,
  statics: { load: loader('ctx') },
  methods: lazily({
    method: textProperty(
      Context,
      COMPLAINT,
      (self) => self.method,
      (self, value) => {
        self.method = value
      },
    ),
    url: textProperty(Context, COMPLAINT, ({ url }) => url, setUrl),
    host: textProperty(
      Context,
      COMPLAINT,
      (self) => self.host,
      (self, value, machine) => {
        if (/[\x00-\x20\x7f]/.test(value)) machine.fail(`invalid host ${JSON.stringify(value)}`)
        self.host = value
      },
    ),
    query: method(Context, COMPLAINT, (self, args, machine) => {
      if (args.length === 1) machine.fail(NEEDS_ARGUMENTS)
      const name = urlText(textOf(machine, args, 2))
      machine.steps -= self.rawQuery.length >> 1
      if (args.length === 2) return [query(self, name)]
      if (args.length > 3) return NONE
      self.setQuery(withValue(self, name, urlText(textOf(machine, args, 3))))
      return NONE
    }),
    params: method(Context, COMPLAINT, params),
    headers: method(Context, COMPLAINT, ({ api, headers }, args, machine) =>
      headers.one(api, args, machine),
    ),
    headerList: method(Context, COMPLAINT, ({ api, headers }, args, machine) =>
      headers.several(api, args, machine),
    ),
    body: bodyProperty(Context, COMPLAINT),
  }),
}
