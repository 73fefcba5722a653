import { once } from 'node:events'
import { connect, type Socket } from 'node:net'

/** A TCP connection to a server under test, byte by byte. */
export type RawConnection = {
  readonly socket: Socket
  /** Latin-1; resolves when the bytes were handed over. */
  send(text: string): Promise<void>
  /** Everything received so far. */
  received(): string
  /** Resolves with everything received when `pattern` is in it. Rejects when the connection ends before. */
  until(pattern: RegExp, limitMs?: number): Promise<string>
  /** Resolves with everything received when the other side has closed. */
  closed(limitMs?: number): Promise<string>
}

const LIMIT_MS = 10_000

/** Connects to `port` of loopback. */
export async function rawConnection(port: number): Promise<RawConnection> {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true })
  let text = ''
  let isClosed = false
  const changed = new EventTarget()
  const tell = () => changed.dispatchEvent(new Event('change'))
  socket.on('data', (chunk: Buffer) => {
    text += chunk.toString('latin1')
    tell()
  })
  // A reset is one of the ways in which a server may end it.
  socket.on('error', () => {})
  socket.on('close', () => {
    isClosed = true
    tell()
  })
  await once(socket, 'connect')
  const when = (isThere: () => boolean, wanted: string, limitMs: number): Promise<string> =>
    new Promise((resolve, reject) => {
      const fail = (why: string) =>
        done(() => reject(new Error(`${why}: wanted ${wanted}, got ${text}`)))
      const timer = setTimeout(() => fail('too late'), limitMs)
      const done = (settle: () => void): void => {
        clearTimeout(timer)
        changed.removeEventListener('change', look)
        settle()
      }
      const look = (): void => {
        if (isThere()) done(() => resolve(text))
        else if (isClosed) fail('closed')
      }
      changed.addEventListener('change', look)
      look()
    })
  return {
    socket,
    send: (bytes) =>
      new Promise((resolve) => {
        socket.write(Buffer.from(bytes, 'latin1'), () => resolve())
      }),
    received: () => text,
    until: (pattern, limitMs = LIMIT_MS) => when(() => pattern.test(text), `${pattern}`, limitMs),
    closed: (limitMs = LIMIT_MS) => when(() => isClosed, 'the end', limitMs),
  }
}
