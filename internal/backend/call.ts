import type { Call, Client, Send, UpstreamReply } from '../client/client.ts'
import { isGzip, mayAskForGzip, unpacked } from '../client/unpacking.ts'
import type { BackendConfig } from '../config/types.ts'
import { type Decode, decoderFor } from '../decode/decode.ts'
import type { GatewayError } from '../errors.ts'
import { collect, collectGunzipped } from '../pipe/collect.ts'
import type { Deadline } from '../pipe/deadline.ts'
import { headerValue } from '../pipe/headers.ts'
import type { DataResponse, HeaderList, Pipe, ProxyRequest, StreamResponse } from '../pipe/pipe.ts'
import { keepsWhole, type Shape } from '../shape/shape.ts'
import { type StatusGate, statusGate } from './status.ts'
import { upstreamPlace } from './upstream-place.ts'

export type CallOptions = {
  readonly client: Client
  /** Instead of the client's own `send` where features wrap the call: asks for gzip and unpacks by itself. */
  readonly send: Send | undefined
  /** What is done to decoded answers; `undefined` for nothing. */
  readonly shape: Shape | undefined
  readonly backend: BackendConfig
  /** `url_pattern` in KrakenD's inner form, for messages: `/u/{{.Id}}`. */
  readonly pattern: string
  readonly disableCompression: boolean
  /** Numbers keep their spelling: something prints them outside JSON. */
  readonly exactSpelling: boolean
  /** Nobody looks into the data: an answer that is kept whole goes out as its bytes. */
  readonly bytesSuffice: boolean
  /** `--max-decode-bytes`. */
  readonly maxDecodeBytes: number
}

/** The innermost pipe of a backend: one HTTP call, its status judged, its body decoded and cut to our part. */
export function callUpstream(options: CallOptions): Pipe {
  const send = sender(options)
  return options.backend.encoding === 'no-op' ? passThrough(send) : decoded(send, options)
}

type Sent = { readonly call: Call; readonly reply: UpstreamReply; readonly unpacks: boolean }
type SendRequest = (request: ProxyRequest, deadline: Deadline) => Promise<Sent>

/** Asks for gzip on its own account where the client's Accept-Encoding is not passed on, and unpacks it then. */
function sender({ client, send, disableCompression }: CallOptions): SendRequest {
  const asksForGzip = !disableCompression && send === undefined
  const sendCall = send ?? client.send
  return async function sendRequest(request, deadline) {
    const unpacks = asksForGzip && mayAskForGzip(request.method, request.headers)
    const { origin, basePath, authorization } = upstreamPlace(request.host)
    const headers = authorized(request.headers, authorization)
    const call: Call = {
      method: request.method,
      origin,
      path: basePath === '' ? request.path : basePath + request.path,
      headers: unpacks ? [...headers, 'Accept-Encoding', 'gzip'] : headers,
      body: request.body,
    }
    return { call, reply: await sendCall(call, deadline), unpacks }
  }
}

/** With the user and password of the host's URL, unless the request has an Authorization of its own. */
function authorized(headers: HeaderList, authorization: string | undefined): HeaderList {
  if (authorization === undefined || headerValue(headers, 'authorization') !== undefined)
    return headers
  return [...headers, 'Authorization', authorization]
}

function passThrough(send: SendRequest): Pipe {
  return async function pass(request, deadline): Promise<StreamResponse> {
    const sent = await send(request, deadline)
    const reply = sent.unpacks ? unpacked(sent.reply) : sent.reply
    return {
      kind: 'stream',
      status: reply.status,
      headers: reply.headerList(),
      body: reply.body,
      isComplete: true,
      errors: [],
    }
  }
}

function decoded(send: SendRequest, options: CallOptions): Pipe {
  const { backend, maxDecodeBytes, shape } = options
  const isWhole = keepsWhole(backend)
  const decode: Decode = decoderFor(backend, {
    exactSpelling: options.exactSpelling,
    bytesSuffice: options.bytesSuffice && isWhole,
  })
  const gate: StatusGate = statusGate(backend, options.pattern)
  return async function callAndDecode(request, deadline): Promise<DataResponse> {
    const { call, reply, unpacks } = await send(request, deadline)
    if (reply.status !== 200 && reply.status !== 201)
      return gate(unpacks ? unpacked(reply) : reply, call, maxDecodeBytes)
    const bytes = await (isGzip(reply) ? collectGunzipped : collect)(reply.body, maxDecodeBytes)
    const { data, sources } = decode(bytes, reply.header('content-type'))
    if (shape === undefined) return response(data, sources)
    return response(shape(data), isWhole ? sources : NO_SOURCES)
  }
}

const response = (data: DataResponse['data'], sources: DataResponse['sources']): DataResponse => ({
  kind: 'data',
  data,
  sources,
  isComplete: true,
  status: 0,
  headers: NO_HEADERS,
  errors: NO_ERRORS,
})
const NO_SOURCES: DataResponse['sources'] = Object.freeze([])
const NO_HEADERS: HeaderList = Object.freeze([])
const NO_ERRORS: readonly GatewayError[] = Object.freeze([])
