import { createSecureContext, type SecureContext } from 'node:tls'
import { trustingContext } from '../../tls/trusting-context.ts'
import { DiscoveryError } from '../discovery.ts'

/** What TLS to a registry is made of, as text in PEM. */
export type TlsTexts = {
  /** Who vouches for the registry; the authorities of this machine when absent. */
  readonly ca: string | undefined
  readonly cert: string | undefined
  readonly key: string | undefined
}

/** Rejected files are a registry that cannot be reached: they may be right the next time. Throws a `DiscoveryError`. */
export function tlsContext({ ca, cert, key }: TlsTexts): SecureContext {
  const pair = { ...(cert === undefined ? {} : { cert }), ...(key === undefined ? {} : { key }) }
  try {
    return ca === undefined ? trustingContext([], pair) : createSecureContext({ ...pair, ca })
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new DiscoveryError('unreachable', `TLS files cannot be used: ${reason}`, error)
  }
}
