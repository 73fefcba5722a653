import { createSocket } from 'node:dgram'
import { isIPv6 } from 'node:net'
import { DiscoveryError } from '../../discovery.ts'
import type { NameServer } from './name-server.ts'
import { serverText } from './name-server.ts'

/** Packets that are not the answer: more of them than this is an attack or a broken server. */
const MOST_STRANGERS = 100

/** Reads a packet: the answer, or `undefined` for one that belongs to another question; throws for a broken one. */
export type Reader<Answer> = (bytes: Buffer) => Answer | undefined

/**
 * Sends `query` from a source port of its own (the operating system picks it at random) and waits for what
 * `read` accepts. The socket is connected: packets from other addresses never arrive, and a closed port is told
 * at once.
 */
export function askUdp<Answer>(
  server: NameServer,
  query: Buffer,
  read: Reader<Answer>,
  signal: AbortSignal,
): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>()
  const socket = createSocket(isIPv6(server.address) ? 'udp6' : 'udp4')
  let strangers = 0
  let isOpen = true
  const stop = () => reject(signal.reason)
  const fail = (error: unknown) =>
    reject(new DiscoveryError('unreachable', `${serverText(server)}: ${messageOf(error)}`, error))

  socket.on('error', fail)
  socket.on('message', (bytes) => {
    try {
      const answer = read(bytes)
      if (answer !== undefined) resolve(answer)
      else if (++strangers > MOST_STRANGERS) reject(flooded(server))
    } catch (error) {
      reject(error)
    }
  })
  socket.connect(server.port, server.address, () => {
    // The question may have been taken back meanwhile.
    if (isOpen) socket.send(query, (error) => error !== null && fail(error))
  })
  signal.addEventListener('abort', stop, { once: true })
  if (signal.aborted) stop()
  return promise.finally(() => {
    signal.removeEventListener('abort', stop)
    isOpen = false
    socket.close()
  })
}

const flooded = (server: NameServer): DiscoveryError =>
  new DiscoveryError('broken', `${serverText(server)}: answers to other questions`)

const messageOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error)
