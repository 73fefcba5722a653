/** What a TLS handshake agreed on. */
export type TlsSession = {
  /** As OpenSSL spells it: `TLSv1.3`. */
  readonly version: string
  /** As the IANA registry spells it: `TLS_AES_128_GCM_SHA256`. */
  readonly cipher: string
}
