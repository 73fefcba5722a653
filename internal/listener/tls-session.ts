import type { TLSSocket } from 'node:tls'
import type { TlsSession } from '../pipe/tls-session.ts'

const SESSION = Symbol('what the handshake of a connection agreed on')
type KnownSocket = TLSSocket & { [SESSION]?: TlsSession }

/** What the handshake agreed on, asked of OpenSSL once a connection. */
export function tlsSession(socket: TLSSocket): TlsSession {
  const known: KnownSocket = socket
  known[SESSION] ??= {
    version: known.getProtocol() ?? '',
    cipher: known.getCipher()?.standardName ?? '',
  }
  return known[SESSION]
}
