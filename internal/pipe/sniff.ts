/** How much of a body counts (WHATWG MIME Sniffing, section 7; Go's `http.DetectContentType`). */
const SNIFFED_BYTES = 512

type Signature = {
  readonly type: string
  readonly matches: (start: Buffer, firstInk: number) => boolean
}

const exact = (text: string, type: string): Signature => {
  const bytes = Buffer.from(text, 'latin1')
  return { type, matches: (start) => start.subarray(0, bytes.length).equals(bytes) }
}
/** `pattern` where `.` stands for any byte, at `offset`. */
const masked = (pattern: string, type: string, offset = 0): Signature => ({
  type,
  matches: (start) =>
    start.length >= offset + pattern.length &&
    [...pattern].every(
      (character, at) => character === '.' || start[offset + at] === character.charCodeAt(0),
    ),
})
const html = (tag: string): Signature => ({
  type: 'text/html; charset=utf-8',
  matches(start, firstInk) {
    const text = start.toString('latin1', firstInk, firstInk + tag.length + 1)
    return (
      text.slice(0, tag.length).toUpperCase() === tag &&
      (text.at(tag.length) === ' ' || text.at(tag.length) === '>')
    )
  },
})

const SIGNATURES: readonly Signature[] = [
  ...[
    '<!DOCTYPE HTML',
    '<HTML',
    '<HEAD',
    '<SCRIPT',
    '<IFRAME',
    '<H1',
    '<DIV',
    '<FONT',
    '<TABLE',
    '<A',
    '<STYLE',
    '<TITLE',
    '<B',
    '<BODY',
    '<BR',
    '<P',
    '<!--',
  ].map(html),
  {
    type: 'text/xml; charset=utf-8',
    matches: (start, firstInk) => start.toString('latin1', firstInk, firstInk + 5) === '<?xml',
  },
  exact('%PDF-', 'application/pdf'),
  exact('%!PS-Adobe-', 'application/postscript'),
  exact('\xfe\xff', 'text/plain; charset=utf-16be'),
  exact('\xff\xfe', 'text/plain; charset=utf-16le'),
  exact('\xef\xbb\xbf', 'text/plain; charset=utf-8'),
  exact('\x00\x00\x01\x00', 'image/x-icon'),
  exact('\x00\x00\x02\x00', 'image/x-icon'),
  exact('BM', 'image/bmp'),
  exact('GIF87a', 'image/gif'),
  exact('GIF89a', 'image/gif'),
  masked('RIFF....WEBPVP', 'image/webp'),
  exact('\x89PNG\x0d\x0a\x1a\x0a', 'image/png'),
  exact('\xff\xd8\xff', 'image/jpeg'),
  masked('FORM....AIFF', 'audio/aiff'),
  exact('ID3', 'audio/mpeg'),
  exact('OggS\x00', 'application/ogg'),
  exact('MThd\x00\x00\x00\x06', 'audio/midi'),
  masked('RIFF....AVI ', 'video/avi'),
  masked('RIFF....WAVE', 'audio/wave'),
  { type: 'video/mp4', matches: isMp4 },
  exact('\x1a\x45\xdf\xa3', 'video/webm'),
  masked('LP', 'application/vnd.ms-fontobject', 34),
  exact('\x00\x01\x00\x00', 'font/ttf'),
  exact('OTTO', 'font/otf'),
  exact('ttcf', 'font/collection'),
  exact('wOFF', 'font/woff'),
  exact('wOF2', 'font/woff2'),
  exact('\x1f\x8b\x08', 'application/x-gzip'),
  exact('PK\x03\x04', 'application/zip'),
  exact('Rar!\x1a\x07\x00', 'application/x-rar-compressed'),
  exact('Rar!\x1a\x07\x01\x00', 'application/x-rar-compressed'),
  exact('\x00\x61\x73\x6d', 'application/wasm'),
]

/** The type of a body that names none, from its first bytes, as Go's server sends it. */
export function sniffContentType(body: Buffer): string {
  const start = body.subarray(0, SNIFFED_BYTES)
  const firstInk = Math.max(
    0,
    start.findIndex((byte) => !isBlank(byte)),
  )
  const found = SIGNATURES.find((signature) => signature.matches(start, firstInk))
  if (found !== undefined) return found.type
  return start.some(isBinary) ? 'application/octet-stream' : 'text/plain; charset=utf-8'
}

const isBlank = (byte: number): boolean =>
  byte === 9 || byte === 10 || byte === 12 || byte === 13 || byte === 32
const isBinary = (byte: number): boolean =>
  byte <= 8 || byte === 0x0b || (byte >= 0x0e && byte <= 0x1a) || (byte >= 0x1c && byte <= 0x1f)

function isMp4(start: Buffer): boolean {
  if (start.length < 12) return false
  const size = start.readUInt32BE(0)
  if (start.length < size || size % 4 !== 0 || start.toString('latin1', 4, 8) !== 'ftyp')
    return false
  for (let at = 8; at < size; at += 4)
    if (at !== 12 && start.toString('latin1', at, at + 3) === 'mp4') return true
  return false
}
