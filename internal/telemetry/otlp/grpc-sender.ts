import { type ClientHttp2Session, connect, constants } from 'node:http2'
import { problemText } from './http-sender.ts'
import {
  SEND_TIMEOUT_MS,
  type Sender,
  type SenderOptions,
  type Sent,
  type Signal,
  USER_AGENT,
} from './sender.ts'

const METHODS: Readonly<Record<Signal, string>> = {
  traces: '/opentelemetry.proto.collector.trace.v1.TraceService/Export',
  metrics: '/opentelemetry.proto.collector.metrics.v1.MetricsService/Export',
}
const OK = '0'
/** Cancelled, deadline exceeded, exhausted, aborted, out of range, unavailable, data loss: may be sent again. */
const RETRYABLE = new Set(['1', '4', '8', '10', '11', '14', '15'])
const PREFIX_BYTES = 5
/** Answers are a few bytes: more than this nobody reads. */
const WINDOW_BYTES = 64 * 1024

/** OTLP over gRPC: one HTTP/2 connection, one stream a request (https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md). */
export function grpcSender({ origin, secureContext, headers }: SenderOptions): Sender {
  let session: ClientHttp2Session | undefined
  const openSession = (): ClientHttp2Session => {
    if (session !== undefined && !session.destroyed && !session.closed) return session
    const opened = connect(origin, {
      settings: { initialWindowSize: WINDOW_BYTES },
      ...(secureContext && { secureContext }),
    })
    const gone = () => {
      if (session === opened) session = undefined
    }
    // The stream that asked for it is told as well.
    opened.on('error', gone).on('close', gone).on('goaway', gone)
    opened.unref()
    session = opened
    return opened
  }
  return {
    async send(signal, request) {
      try {
        return await exchange(openSession(), METHODS[signal], headers(signal), request)
      } catch (thrown) {
        // The session ended just now.
        return { outcome: 'later', problem: problemText(thrown) }
      }
    },
    close: () => session?.destroy(),
  }
}

function exchange(
  session: ClientHttp2Session,
  method: string,
  headers: Readonly<Record<string, string>>,
  request: Buffer,
): Promise<Sent> {
  return new Promise((resolve) => {
    const later = (problem: string) => resolve({ outcome: 'later', problem })
    const stream = session.request({
      ':method': 'POST',
      ':path': method,
      'content-type': 'application/grpc',
      te: 'trailers',
      'grpc-timeout': `${SEND_TIMEOUT_MS}m`,
      'user-agent': USER_AGENT,
      ...headers,
    })
    const timeout = setTimeout(() => {
      later('no answer in time')
      stream.close(constants.NGHTTP2_CANCEL)
    }, SEND_TIMEOUT_MS)
    let status: number | undefined
    const judge = (fields: Readonly<Record<string, unknown>>) => {
      if (fields['grpc-status'] !== undefined) resolve(sentOf(fields))
    }
    stream.on('response', (answered) => {
      status = answered[':status']
      // A refusal may come without trailers: its headers are them.
      judge(answered)
    })
    stream.on('trailers', judge)
    stream.on('error', (error) => later(problemText(error)))
    stream.on('close', () => {
      clearTimeout(timeout)
      later(
        status === undefined
          ? 'the connection was lost'
          : `HTTP status ${status} without a gRPC status`,
      )
    })
    stream.resume()
    stream.end(framed(request))
  })
}

function sentOf(fields: Readonly<Record<string, unknown>>): Sent {
  const code = String(fields['grpc-status'])
  if (code === OK) return { outcome: 'done' }
  const problem = `gRPC status ${code} ${decoded(String(fields['grpc-message'] ?? ''))}`.trim()
  return { outcome: RETRYABLE.has(code) ? 'later' : 'refused', problem }
}

function decoded(message: string): string {
  try {
    return decodeURIComponent(message)
  } catch {
    // Not percent-encoded, against the specification: shown as it is.
    return message
  }
}

/** Not packed, and how long it is. */
function framed(message: Buffer): Buffer {
  const prefix = Buffer.alloc(PREFIX_BYTES)
  prefix.writeUInt32BE(message.length, 1)
  return Buffer.concat([prefix, message])
}
