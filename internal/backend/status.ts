import type { Call, UpstreamReply } from '../client/client.ts'
import type { BackendConfig } from '../config/types.ts'
import { namespace } from '../config/types.ts'
import { GatewayError } from '../errors.ts'
import { collect } from '../pipe/collect.ts'
import { readableUrl } from '../pipe/percent.ts'
import type { DataResponse } from '../pipe/pipe.ts'
import { sniffContentType } from '../pipe/sniff.ts'

/**
 * What becomes of an upstream status other than 200 and 201: an error (`undefined` lets 200 and 201 through), or
 * with `return_error_details` an answer that describes it.
 */
export type StatusGate = (
  reply: UpstreamReply,
  call: Call,
  maxBytes: number,
) => Promise<DataResponse>

/** The gate that `backend/http` asks for. */
export function statusGate(backend: BackendConfig, pattern: string): StatusGate {
  const config = namespace(backend.extraConfig, 'backend/http') ?? {}
  const alias = config['return_error_details']
  if (typeof alias === 'string' && alias !== '') return detailsGate(`error_${alias}`)
  // A key that is there and unusable turns `return_error_code` off as well, as in KrakenD.
  if (alias === undefined && config['return_error_code'] === true) return codeGate
  return plainGate(`[${backend.method} ${pattern}]`)
}

const plainGate = (place: string): StatusGate =>
  function refuse(reply, call) {
    reply.body.destroy()
    const url = readableUrl(reply.redirectedTo ?? `${call.origin}${call.path}`)
    return Promise.reject(
      new GatewayError('status-code', {
        message: `invalid status code ${reply.status} ${place}: ${url}`,
        upstreamStatus: reply.status,
      }),
    )
  }

const codeGate: StatusGate = async function surface(reply, _call, maxBytes) {
  const bytes = await readable(reply, maxBytes)
  throw new GatewayError('status-code', {
    message: bytes.toString('utf8'),
    status: reply.status,
    upstreamStatus: reply.status,
    contentType: reply.header('content-type') || sniffed(bytes),
  })
}

/** The type of a body that names none, as for any other; without a body there is none. */
const sniffed = (bytes: Buffer): string | undefined =>
  bytes.length === 0 ? undefined : sniffContentType(bytes)

const detailsGate = (name: string): StatusGate =>
  async function describeStatus(reply, _call, maxBytes) {
    const bytes = await readable(reply, maxBytes)
    const type = reply.header('content-type') ?? ''
    const details = {
      http_status_code: reply.status,
      ...(bytes.length > 0 ? { http_body: bytes.toString('utf8') } : {}),
      ...(type !== '' ? { http_body_encoding: type } : {}),
    }
    return {
      kind: 'data',
      data: { [name]: details },
      sources: [],
      isComplete: false,
      status: 0,
      headers: [],
      errors: [],
    }
  }

/** The body, or nothing where it breaks off or is none: the status is the answer, and stays. */
function readable(reply: UpstreamReply, maxBytes: number): Promise<Buffer> {
  return collect(reply.body, maxBytes).catch((problem: GatewayError) => {
    if (problem.code === 'body-too-large') throw problem
    return EMPTY
  })
}
const EMPTY = Buffer.alloc(0)
