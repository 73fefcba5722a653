import { undici } from '../../undici.ts'
import {
  SEND_TIMEOUT_MS,
  type Sender,
  type SenderOptions,
  type Sent,
  USER_AGENT,
} from './sender.ts'

/** https://opentelemetry.io/docs/specs/otlp/#retryable-response-codes */
const RETRYABLE = new Set([429, 502, 503, 504])
/** As much of a refusal as a log line shows. */
const SHOWN_TEXT = 200

/** OTLP over HTTP with binary protobuf. */
export function httpSender({ origin, secureContext, headers }: SenderOptions): Sender {
  const { Pool } = undici()
  const pool = new Pool(origin, {
    connections: 2,
    headersTimeout: SEND_TIMEOUT_MS,
    bodyTimeout: SEND_TIMEOUT_MS,
    connect: { timeout: SEND_TIMEOUT_MS, ...(secureContext && { secureContext }) },
  })
  return {
    async send(signal, request): Promise<Sent> {
      try {
        const {
          statusCode,
          headers: answered,
          body,
        } = await pool.request({
          method: 'POST',
          path: `/v1/${signal}`,
          headers: {
            'content-type': 'application/x-protobuf',
            'user-agent': USER_AGENT,
            ...headers(signal),
          },
          body: request,
          signal: AbortSignal.timeout(SEND_TIMEOUT_MS),
        })
        if (statusCode >= 200 && statusCode < 300) {
          await body.dump()
          return { outcome: 'done' }
        }
        const text = (await body.text()).slice(0, SHOWN_TEXT)
        return {
          outcome: RETRYABLE.has(statusCode) ? 'later' : 'refused',
          problem: `status ${statusCode} ${text}`.trim(),
          ...pauseOf(answered['retry-after']),
        }
      } catch (thrown) {
        return { outcome: 'later', problem: problemText(thrown) }
      }
    },
    close: () => void pool.destroy().catch(() => {}),
  }
}

/** `Retry-After` in seconds; dates are left to the usual pause. */
function pauseOf(header: string | string[] | undefined): { afterMs?: number } {
  const seconds = typeof header === 'string' && /^\d{1,5}$/.test(header) ? Number(header) : 0
  return seconds > 0 ? { afterMs: seconds * 1000 } : {}
}

export const problemText = (thrown: unknown): string => {
  const { code, message } = thrown as NodeJS.ErrnoException
  return message || code || String(thrown)
}
