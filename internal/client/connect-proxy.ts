import { connect, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { GatewayError } from '../errors.ts'
import type { ForwardProxy } from './proxy-environment.ts'

/** A proxy's answer to CONNECT is a few lines. */
const MOST_ANSWER_BYTES = 16_384

export type Tunnel = (error: Error | null, socket: Socket | null) => void

/** Asks a forward proxy for a connection to `target` (`host:port`, a name stays a name: the proxy looks it up). */
export function openTunnel(
  proxy: ForwardProxy,
  target: string,
  timeoutMs: number,
  done: Tunnel,
): Socket {
  const socket = dialProxy(proxy)
  let answer: Buffer = Buffer.alloc(0)
  const fail = (words: string, cause?: Error): void => {
    socket.destroy()
    stop()
    done(new GatewayError('connect', { message: `proxyconnect tcp: ${words}`, cause }), null)
  }
  const onError = (error: Error) => fail(error.message, error)
  const onEnd = () => fail('EOF')
  const onTimeout = () => fail('i/o timeout')
  const onData = (chunk: Buffer): void => {
    answer = Buffer.concat([answer, chunk])
    const end = answer.indexOf('\r\n\r\n')
    if (end < 0) {
      if (answer.length > MOST_ANSWER_BYTES) fail('the answer to CONNECT is too long')
      return
    }
    const [, status = '', reason = ''] =
      /^HTTP\/1\.[01] (\d{3}) ?([^\r]*)/.exec(answer.toString('latin1', 0, end)) ?? []
    if (!status.startsWith('2')) return fail(reason || status || 'not an HTTP proxy')
    stop()
    socket.pause()
    const rest = answer.subarray(end + 4)
    if (rest.length > 0) socket.unshift(rest)
    done(null, socket)
  }
  const stop = (): void => {
    socket.setTimeout(0)
    socket.off('error', onError).off('end', onEnd).off('timeout', onTimeout).off('data', onData)
    // Whoever takes the socket over listens to what comes later; what comes in between is lost with it.
    socket.on('error', () => {})
  }
  socket.on('error', onError).on('end', onEnd).on('timeout', onTimeout).on('data', onData)
  socket.setTimeout(timeoutMs)
  socket.write(connectRequest(proxy, target))
  return socket
}

function connectRequest(proxy: ForwardProxy, target: string): string {
  const lines = [`CONNECT ${target} HTTP/1.1`, `Host: ${target}`, 'User-Agent: Go-http-client/1.1']
  if (proxy.authorization !== undefined) lines.push(`Proxy-Authorization: ${proxy.authorization}`)
  return `${lines.join('\r\n')}\r\n\r\n`
}

function dialProxy({ isEncrypted, host, port }: ForwardProxy): Socket {
  return isEncrypted
    ? connectTls({ host, port, servername: host, ALPNProtocols: ['http/1.1'] })
    : connect({ host, port, noDelay: true })
}
