import type { BackendDocument } from './document.ts'

/** What upstream answers can be decoded from. */
export const DECODERS: readonly string[] = ['json', 'safejson', 'string', 'xml', 'rss', 'no-op']
/** What answers can be encoded to. */
export const ENCODERS: readonly string[] = [
  'json',
  'json-collection',
  'string',
  'xml',
  'yaml',
  'negotiate',
  'no-op',
]
export const NO_OP = 'no-op'
const DEFAULT = 'json'

/** The encoder of an endpoint: an unknown name means the one called like a single backend's encoding, else JSON. */
export function encoderOf(written: string, backends: readonly BackendDocument[]): string {
  if (ENCODERS.includes(written)) return written
  const [only] = backends
  const encoding = backends.length === 1 ? (only?.encoding ?? '') : ''
  return ENCODERS.includes(encoding) ? encoding : DEFAULT
}

/** The decoder of a backend: in any case, JSON when unknown; `no-op` endpoints pass everything through. */
export function decoderOf(written: string | undefined, endpointEncoding: string): string {
  if (endpointEncoding === NO_OP) return NO_OP
  const name = (written ?? '').toLowerCase()
  // Only the exact name passes bytes through; in another case it is a decoder that reads nothing.
  if (name === NO_OP && written !== undefined) return written
  return DECODERS.includes(name) ? name : DEFAULT
}
