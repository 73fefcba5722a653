import { type BackendConfig, namespace } from '../config/types.ts'
import type { GatewayError } from '../errors.ts'

/** Why a call is made again. */
export type RetryReason = 'connect' | 'upstream' | 'status'

/** `backend/retry`: which failures are worth another call. */
export type RetryRules = {
  /** Further calls; 0 without `backend/retry`. */
  readonly max: number
  takesStatus(method: string, status: number): boolean
  reasonFor(method: string, error: GatewayError): RetryReason | undefined
}

const DEFAULT_MAX = 1
/** Repeating them does no more than doing them once (RFC 9110, 9.2.2). */
const DEFAULT_METHODS = ['GET', 'HEAD', 'PUT', 'DELETE', 'OPTIONS']
const DEFAULT_STATUSES = [502, 503, 504]

export const NO_RETRY: RetryRules = {
  max: 0,
  takesStatus: () => false,
  reasonFor: () => undefined,
}

/** What a backend's `backend/retry` asks for. */
export function retryRules({ extraConfig }: Pick<BackendConfig, 'extraConfig'>): RetryRules {
  const written = namespace(extraConfig, 'backend/retry')
  if (written === undefined) return NO_RETRY
  const { max = DEFAULT_MAX, methods = DEFAULT_METHODS, statuses = DEFAULT_STATUSES } = written
  const methodSet = new Set(Array.isArray(methods) ? methods.map((one) => String(one)) : [])
  const statusSet = new Set(Array.isArray(statuses) ? statuses.map(Number) : [])
  const takesStatus = (method: string, status: number) =>
    methodSet.has(method) && statusSet.has(status)
  return {
    max: Number(max),
    takesStatus,
    reasonFor(method, { code, upstreamStatus }) {
      if (code === 'upstream' && methodSet.has(method)) return 'upstream'
      const isStatus = upstreamStatus !== undefined && takesStatus(method, upstreamStatus)
      return isStatus ? 'status' : undefined
    },
  }
}

/** Whether a failure speaks against the host: no connection, a broken one, no answer in time, or a 5xx. */
export function isOutage({ code, upstreamStatus = 0 }: GatewayError): boolean {
  return code === 'connect' || code === 'upstream' || code === 'timeout' || upstreamStatus >= 500
}
