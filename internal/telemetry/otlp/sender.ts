import type { SecureContext } from 'node:tls'

/** Where a request goes. */
export type Signal = 'traces' | 'metrics'
/** How one export ended: `later` may be tried again, after `afterMs` where the collector said so. */
export type Sent =
  | { readonly outcome: 'done' }
  | { readonly outcome: 'later' | 'refused'; readonly problem: string; readonly afterMs?: number }

/** Sends one encoded request to a collector. Never rejects. */
export type Sender = {
  send(signal: Signal, request: Buffer): Promise<Sent>
  close(): void
}
export type SenderOptions = {
  /** `http://host:port` or `https://host:port`. */
  readonly origin: string
  /** Of `https` origins: what is trusted, and who we are. */
  readonly secureContext: SecureContext | undefined
  /** Further headers, by their names in small letters. */
  readonly headers: (signal: Signal) => Readonly<Record<string, string>>
}

/** What a collector has to answer in, as Go's exporters. */
export const SEND_TIMEOUT_MS = 10_000
export const USER_AGENT = 'OTel OTLP Exporter Gateway'
