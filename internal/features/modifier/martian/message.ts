import type { Call, UpstreamReply } from '../../../client/client.ts'
import { GatewayError } from '../../../errors.ts'
import { bodySize } from '../../../pipe/body-size.ts'
import { headerValue, headerValues, withoutHeader } from '../../../pipe/headers.ts'
import { withoutUser } from '../../../pipe/host-user.ts'
import { decodePercent } from '../../../pipe/percent.ts'
import type { BodyStream, HeaderList, RequestBody } from '../../../pipe/pipe.ts'

/**
 * A header list that modifiers change in place. `Host`, `Content-Length` and `Transfer-Encoding` belong to the
 * message itself (Go's `proxyutil.Header`): the first is kept by who owns the list, the others are only looked at.
 */
export class HeaderBag {
  list: string[]
  /** `''` on answers, which have none. */
  host: string
  /** -1 when unknown. */
  sizeBytes: number
  readonly #isAnswer: boolean

  constructor(list: HeaderList, host: string | undefined, sizeBytes: number) {
    this.list = [...list]
    this.host = host ?? ''
    this.sizeBytes = sizeBytes
    this.#isAnswer = host === undefined
  }

  /** The first value, `''` without one. */
  first(name: string): string {
    if (name === 'Host') return this.host
    if (name === 'Content-Length') return this.sizeBytes < 0 ? '' : String(this.sizeBytes)
    if (name === 'Transfer-Encoding') return ''
    return headerValue(this.list, name.toLowerCase()) ?? ''
  }

  all(name: string): readonly string[] {
    if (name === 'Host') return this.host === '' ? [] : [this.host]
    if (name === 'Content-Length') return this.sizeBytes <= 0 ? [] : [String(this.sizeBytes)]
    if (name === 'Transfer-Encoding') return []
    return headerValues(this.list, name.toLowerCase())
  }

  set(name: string, value: string): void {
    if (name === 'Host') {
      if (!this.#isAnswer) this.host = value
    } else if (name === 'Content-Length') this.sizeBytes = sizeOf(value)
    else if (name !== 'Transfer-Encoding') {
      this.list = withoutHeader(this.list, name.toLowerCase())
      this.list.push(name, value)
    }
  }

  add(name: string, value: string): void {
    const isTaken =
      (name === 'Host' && this.host !== '') || (name === 'Content-Length' && this.sizeBytes > 0)
    if (isTaken) throw failure(`illegal header multiple: ${name}`)
    if (name === 'Host' || name === 'Content-Length') this.set(name, value)
    else if (name !== 'Transfer-Encoding') this.list.push(name, value)
  }

  remove(name: string): void {
    if (name === 'Host') this.host = ''
    else if (name === 'Content-Length') this.sizeBytes = -1
    else this.list = withoutHeader(this.list, name.toLowerCase())
  }
}

function sizeOf(value: string): number {
  if (/^[+-]?\d+$/.test(value)) return Number(value)
  throw failure(`the Content-Length ${JSON.stringify(value)} is no number`)
}

/** A call on its way to the upstream: modifiers change it in place. */
export class OutgoingCall {
  readonly headers: HeaderBag
  scheme: string
  /** Name and port. */
  authority: string
  /** Percent-encoded. */
  path: string
  /** As it goes over the wire, without its `?`. */
  query: string
  /** A file answers instead of the upstream. */
  skipsCall = false
  #body: RequestBody
  readonly #call: Call
  readonly #host: string

  constructor(call: Call) {
    const [scheme, authority] = withoutUser(call.origin).split('://') as [string, string]
    const mark = call.path.indexOf('?')
    this.#call = call
    this.#body = call.body
    this.#host = headerValue(call.headers, 'host') ?? authority
    this.scheme = scheme
    this.authority = authority
    this.path = mark < 0 ? call.path : call.path.slice(0, mark)
    this.query = mark < 0 ? '' : call.path.slice(mark + 1)
    const headers = withoutHeader(call.headers, 'host')
    this.headers = new HeaderBag(headers, this.#host, bodySize(call.body) ?? -1)
  }

  /** The whole address, as Go's `url.URL.String` writes it. */
  get url(): string {
    return `${this.scheme}://${this.authority}${this.path}${this.query === '' ? '' : `?${this.query}`}`
  }

  /** The path as configurations name it. */
  get decodedPath(): string {
    const decoded = decodePercent(this.path)
    return typeof decoded === 'string' ? decoded : this.path
  }

  replaceBody(bytes: Buffer): void {
    this.#body = bytes
    this.headers.list = withoutHeader(this.headers.list, 'content-length')
    this.headers.sizeBytes = bytes.length
  }

  /** The call to send. */
  toCall(): Call {
    const { list, host, sizeBytes } = this.headers
    const size = bodySize(this.#body)
    // Of a call without a body nobody sends it, as in Go.
    if (size !== undefined && size > 0 && sizeBytes >= 0 && sizeBytes !== size)
      throw failure(`Content-Length ${sizeBytes} for a body of ${size} bytes`)
    const keepsHost = host === '' || host === this.authority
    return {
      ...this.#call,
      origin: this.#origin(),
      path: this.query === '' ? this.path : `${this.path}?${this.query}`,
      headers: keepsHost ? list : [...list, 'Host', host],
      body: this.#body,
    }
  }

  /** As it came while nobody changed it: it may lead to one address of its name only. */
  #origin(): string {
    const { origin } = this.#call
    const now = `${this.scheme}://${this.authority}`
    return now === withoutUser(origin) ? origin : now
  }
}

/** An answer on its way back: modifiers change it in place. */
export class Answer {
  /** What it answers, as it was sent. */
  readonly call: OutgoingCall
  readonly headers: HeaderBag
  status: number
  body: BodyStream

  constructor(call: OutgoingCall, reply: UpstreamReply) {
    const announced = reply.header('content-length') ?? ''
    this.call = call
    this.headers = new HeaderBag(
      reply.headerList(),
      undefined,
      /^\d+$/.test(announced) ? Number(announced) : -1,
    )
    this.status = reply.status
    this.body = reply.body
  }

  /** Whoever replaces a body has given the old one up already. */
  replaceBody(body: BodyStream, sizeBytes: number): void {
    this.body = body
    this.headers.sizeBytes = sizeBytes
    this.headers.list = [
      ...withoutHeader(this.headers.list, 'content-length'),
      'Content-Length',
      String(sizeBytes),
    ]
  }

  toReply(): UpstreamReply {
    const { status, body } = this
    const { list } = this.headers
    return {
      status,
      body,
      header: (lowerName) => headerValue(list, lowerName),
      headerList: () => list,
    }
  }
}

/** A modifier that could not do its work: the request fails. */
export const failure = (message: string): GatewayError =>
  new GatewayError('component', { message: `[Martian] ${message}` })
