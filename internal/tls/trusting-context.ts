import { createSecureContext, type SecureContext, type SecureContextOptions } from 'node:tls'
import { trustedCas } from './trusted-cas.ts'

/** What clients of infrastructure trust: the authorities of this machine, and those in `more` (PEM). */
export const trustingContext = (
  more: readonly string[] = [],
  options: SecureContextOptions = {},
): SecureContext => createSecureContext({ ...options, ca: [...trustedCas(process.env), ...more] })
