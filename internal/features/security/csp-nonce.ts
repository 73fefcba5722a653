import { randomBytes } from 'node:crypto'
import type { HeaderList } from '../../pipe/pipe.ts'

const PLACEHOLDER = '$NONCE'
const NONCE_BYTES = 16

/**
 * `$NONCE` in `content_security_policy` becomes `'nonce-…'`, another one for each answer, as unrolled/secure does.
 * `undefined` for a policy without it: then the headers stay the same for ever.
 */
export function freshNonce(policy: string): ((headers: HeaderList) => HeaderList) | undefined {
  if (!policy.includes(PLACEHOLDER)) return undefined
  return (headers) => {
    const nonce = `'nonce-${randomBytes(NONCE_BYTES).toString('base64').replaceAll('=', '')}'`
    return headers.map((text) => text.replaceAll(PLACEHOLDER, nonce))
  }
}
