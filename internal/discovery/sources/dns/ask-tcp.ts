import { connect } from 'node:net'
import { DiscoveryError } from '../../discovery.ts'
import type { Reader } from './ask-udp.ts'
import { type NameServer, serverText } from './name-server.ts'

const LENGTH_BYTES = 2

/** Asks over a connection of its own: each message has its length, two bytes, in front (RFC 1035 4.2.2). */
export function askTcp<Answer>(
  server: NameServer,
  query: Buffer,
  read: Reader<Answer>,
  signal: AbortSignal,
): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>()
  const socket = connect(server.port, server.address)
  const stop = () => reject(signal.reason)
  const fail = (failure: 'unreachable' | 'broken', message: string, cause?: unknown) =>
    reject(new DiscoveryError(failure, `${serverText(server)}: ${message}`, cause))
  const message = oneMessage((bytes) => {
    try {
      const answer = read(bytes)
      if (answer === undefined) fail('broken', 'an answer to another question over TCP')
      else resolve(answer)
    } catch (error) {
      reject(error)
    }
  })

  socket.on('connect', () => socket.write(framed(query)))
  socket.on('data', message)
  socket.on('error', (error) => fail('unreachable', error.message, error))
  socket.on('end', () => fail('broken', 'the connection ended before the answer'))
  signal.addEventListener('abort', stop, { once: true })
  if (signal.aborted) stop()
  return promise.finally(() => {
    signal.removeEventListener('abort', stop)
    socket.destroy()
  })
}

/** The message with its length in front, in one write. */
export function framed(message: Buffer): Buffer {
  const length = Buffer.alloc(LENGTH_BYTES)
  length.writeUInt16BE(message.length)
  return Buffer.concat([length, message])
}

/** Collects pieces until the first message is whole; at most 64 KB, as its length has two bytes. */
function oneMessage(take: (bytes: Buffer) => void): (piece: Buffer) => void {
  const pieces: Buffer[] = []
  let sizeBytes = 0
  let wantedBytes = LENGTH_BYTES
  return (piece) => {
    pieces.push(piece)
    sizeBytes += piece.length
    if (sizeBytes < wantedBytes) return
    const all = Buffer.concat(pieces.splice(0))
    const end = LENGTH_BYTES + all.readUInt16BE(0)
    if (sizeBytes >= end) take(all.subarray(LENGTH_BYTES, end))
    pieces.push(all)
    wantedBytes = end
  }
}
