import type { Socket } from 'node:net'

/** What the steps of opening a connection took, filled in as they end; 0 for a step that there was none of. */
export type DialTimes = { dnsMs: number; tlsMs: number }

/** Notes in `times` what happens to a socket that was opened right now. */
export function timeDial(socket: Socket, times: DialTimes): void {
  const startMs = performance.now()
  socket.once('lookup', () => {
    times.dnsMs = performance.now() - startMs
  })
  if (!('encrypted' in socket)) return
  // In a tunnel the connection stands already.
  if (socket.connecting) socket.once('connect', () => timeHandshake(socket, times))
  else timeHandshake(socket, times)
}

function timeHandshake(socket: Socket, times: DialTimes): void {
  const startMs = performance.now()
  const done = (): void => {
    times.tlsMs = performance.now() - startMs
    socket.off('secureConnect', done).off('error', done)
  }
  socket.once('secureConnect', done).once('error', done)
}
