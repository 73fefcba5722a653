import { capitalised } from '../../../../pipe/params.ts'
import { decodePercent } from '../../../../pipe/percent.ts'
import type { Params, ProxyRequest, QueryList } from '../../../../pipe/pipe.ts'
import { encodeQuery, parseQuery } from '../../../../pipe/query.ts'
import { textOf } from '../library/arguments.ts'
import { lazily } from '../library/library.ts'
import type { Machine } from '../machine/machine.ts'
import { NONE, type Values } from '../machine/values.ts'
import { type Api, type Kind, loader, method } from './api.ts'
import { HeaderLines } from './header-lines.ts'
import { params } from './params.ts'
import { type BodyText, bodyProperty, textProperty } from './subject.ts'
import { toScript } from './text.ts'

const COMPLAINT = 'request expected'

/** A request to upstreams in the hands of a script. */
export class RequestView {
  readonly api: Api
  method: string
  host: string
  path: string
  query: QueryList
  params: Params
  readonly headers: HeaderLines
  readonly body: BodyText
  hasChanged = false
  /** Where a call is over: what it went to, as far as it is known. */
  #called: Called | undefined
  /** As a script wrote it where it has no effect. */
  #pathShown: string | undefined
  readonly #request: ProxyRequest

  constructor(api: Api, request: ProxyRequest, body: BodyText) {
    this.api = api
    this.#request = request
    this.method = request.method
    this.host = request.host
    this.path = request.path
    this.query = request.query
    this.params = request.params
    this.headers = new HeaderLines(request.headers, {})
    this.body = body
  }

  /** The request with what the script has changed; itself when that is nothing. */
  get request(): ProxyRequest {
    if (!this.hasChanged && !this.headers.hasChanged) return this.#request
    const { method: verb, host, path, query, params } = this
    return {
      method: verb,
      host,
      path,
      query,
      headers: this.headers.list,
      params,
      body: this.body.body,
    }
  }

  /** Whether a host is chosen: only then is there a URL, and what it is made of comes too late. */
  get isAddressed(): boolean {
    return this.#request.host !== ''
  }

  get url(): string {
    if (this.isAddressed) return this.host + this.path
    if (this.#called === undefined || this.#called.host === '') return ''
    const pattern = filled(this.#called.urlPattern, this.params)
    const between = pattern.includes('?') ? '&' : '?'
    return `${this.#called.host}${pattern}${this.query.length === 0 ? '' : between}${encodeQuery(this.query)}`
  }

  showPath(path: string): void {
    this.#pathShown = path
  }

  /** The call is over: its body is gone, and a single backend has left its method and path, as in KrakenD. */
  called(call: Called | undefined): void {
    this.body.body = undefined
    if (call === undefined || this.isAddressed) return
    this.#called = call
    this.method = call.method
    this.#pathShown = filled(call.urlPattern, this.params).replace(/\?.*$/s, '')
  }

  /** As scripts see it: before a host is chosen without escapes. */
  get pathText(): string {
    const decoded =
      this.isAddressed || this.#pathShown !== undefined ? undefined : decodePercent(this.path)
    return toScript(typeof decoded === 'string' ? decoded : this.ownPath)
  }

  /** What `url_pattern` came to, before the query was put behind it. */
  get ownPath(): string {
    const { path, query } = this.#request
    if (this.#pathShown !== undefined) return this.#pathShown
    if (!this.isAddressed || this.path !== path || query.length === 0) return this.path
    return path.slice(0, path.length - encodeQuery(query).length - 1)
  }
}

/** A pattern with a request's parameters in it. */
const filled = (urlPattern: string, params: Params): string =>
  urlPattern.replace(/\{([^}]+)\}/g, (whole, name: string) => params[capitalised(name)] ?? whole)

/** One backend's part of a call. */
export type Called = { readonly method: string; readonly urlPattern: string; readonly host: string }

const ABSOLUTE = /^(https?:\/\/[^/?#\s@]+)([^#]*)/i

function setUrl(view: RequestView, url: string, machine: Machine): void {
  // Before a host is chosen nobody asks for it.
  if (!view.isAddressed) return
  const [, origin, rest = ''] = ABSOLUTE.exec(url) ?? []
  if (origin === undefined || URL.parse(origin) === null || /[\x00-\x1f\x7f]/.test(url))
    return machine.fail(`unsupported URL ${JSON.stringify(url)}`)
  view.showPath(view.ownPath)
  view.host = origin
  view.path = rest.startsWith('/') ? escaped(rest) : `/${escaped(rest)}`
}

/** What cannot stand in a request line goes out percent-encoded. */
const escaped = (text: string): string =>
  text.replace(
    /[^!-~]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`,
  )

function setPath(view: RequestView, path: string): void {
  if (view.isAddressed) view.showPath(path)
  else view.path = path
}

const STEPS_OF_PAIR = 8

function query(view: RequestView, args: Values, machine: Machine): Values {
  machine.steps -= STEPS_OF_PAIR * view.query.length
  if (args.length === 1) return [encodeQuery(view.query)]
  view.query = parseQuery(textOf(machine, args, 2))
  view.hasChanged = true
  return NONE
}

/** `request`: what `modifier/lua-proxy` and `modifier/lua-backend` work on before the call. */
export const REQUEST: Kind = {
  name: 'request',
  isOffered: true,
  statics: { load: loader('request') },
  methods: lazily({
    method: textProperty(
      RequestView,
      COMPLAINT,
      (self) => self.method,
      (self, value, machine) => {
        if (!/^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/.test(value))
          machine.fail(`net/http: invalid method ${JSON.stringify(value)}`)
        self.method = value
      },
    ),
    path: textProperty(RequestView, COMPLAINT, (self) => self.pathText, setPath),
    url: textProperty(RequestView, COMPLAINT, (self) => self.url, setUrl),
    query: method(RequestView, COMPLAINT, query),
    params: method(RequestView, COMPLAINT, params),
    headers: method(RequestView, COMPLAINT, ({ api, headers }, args, machine) =>
      headers.one(api, args, machine),
    ),
    headerList: method(RequestView, COMPLAINT, ({ api, headers }, args, machine) =>
      headers.several(api, args, machine),
    ),
    body: bodyProperty(RequestView, COMPLAINT),
  }),
}
