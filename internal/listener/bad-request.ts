import type { Duplex } from 'node:stream'

/** What a client that breaks the protocol gets before its connection ends, as Go's server words it. */
const ANSWERS: Readonly<Record<string, string>> = {
  HPE_HEADER_OVERFLOW: '431 Request Header Fields Too Large',
  HPE_CHUNK_EXTENSIONS_OVERFLOW: '413 Request Entity Too Large',
  // Go closes a connection that is too slow without a word; the status helps whoever reads a capture.
  ERR_HTTP_REQUEST_TIMEOUT: '408 Request Timeout',
}
const BAD_REQUEST = '400 Bad Request'

/** Answers garbage and ends the connection. Half a reply is never mixed with an error. */
export function answerBadRequest(error: NodeJS.ErrnoException, socket: Duplex): void {
  const isBusy = '_httpMessage' in socket && socket._httpMessage !== null
  if (error.code === 'ECONNRESET' || !socket.writable || isBusy) {
    socket.destroy()
    return
  }
  const status = ANSWERS[error.code ?? ''] ?? BAD_REQUEST
  socket.end(
    `HTTP/1.1 ${status}\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n${status}`,
  )
  // A client that goes on sending is not listened to.
  setTimeout(() => socket.destroy(), 1000).unref()
}
