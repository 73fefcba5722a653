import { randomFillSync } from 'node:crypto'
import { createSocket } from 'node:dgram'
import { connect, type Socket } from 'node:net'
import { hostname } from 'node:os'
import { gzipSync } from 'node:zlib'
import { type ExtraConfig, namespace } from '../config/types.ts'
import { ConfigError } from '../errors.ts'
import type { LogLevel } from './log.ts'

/** A Graylog server. Sending never waits and never throws. */
export type Gelf = {
  write(line: string, level?: LogLevel): void
  close(): void
}
export type GelfOptions = {
  /** Told how many lines were lost, each time some were. */
  readonly onDropped?: (lines: number) => void
  /** Told once for each outage. */
  readonly onProblem?: (message: string) => void
  readonly now?: () => number
}

/** RFC 5424's severities. */
const SEVERITIES: Readonly<Record<LogLevel, number>> = {
  DEBUG: 7,
  INFO: 6,
  WARNING: 4,
  ERROR: 3,
  CRITICAL: 2,
  FATAL: 0,
}
/** What fits a datagram on its way through the internet; longer messages are packed, then cut into chunks. */
const DATAGRAM_BYTES = 1420
const CHUNK_HEADER_BYTES = 12
/** More chunks than these no server puts together (https://go2docs.graylog.org/current/getting_in_log_data/gelf.html). */
const MOST_CHUNKS = 128
const MOST_WAITING_BYTES = 1024 * 1024
const RECONNECT_MS = 1000
const PATH = 'extra_config."telemetry/gelf"'

/** Opens the Graylog output that `telemetry/gelf` asks for; `undefined` when it asks for none. */
export function openGelf(extraConfig: ExtraConfig, options: GelfOptions = {}): Gelf | undefined {
  const config = namespace(extraConfig, 'telemetry/gelf')
  if (config === undefined) return undefined
  const { host, port } = addressOf(config['address'])
  const { now = Date.now } = options
  const message = gelfMessage(now)
  const transport =
    config['enable_tcp'] === true ? overTcp(host, port, options) : overUdp(host, port, options)
  return {
    write: (line, level = 'INFO') => transport.send(message(line, level)),
    close: transport.close,
  }
}

function addressOf(address: unknown): { host: string; port: number } {
  const text = typeof address === 'string' ? address : ''
  const colon = text.lastIndexOf(':')
  const host = text.slice(0, colon).replace(/^\[(.*)\]$/, '$1')
  const digits = text.slice(colon + 1)
  const port = Number(digits)
  if (colon >= 0 && /^\d+$/.test(digits) && port > 0 && port < 65_536) return { host, port }
  throw new ConfigError([
    {
      place: { path: `${PATH}.address` },
      message: 'must be a host and a port',
      found: JSON.stringify(address ?? null),
      allowed: '"graylog:12201"',
    },
  ])
}

/** GELF 1.1. The first line is the short message; the whole text follows when there are more. */
function gelfMessage(now: () => number): (text: string, level: LogLevel) => Buffer {
  const host = hostname()
  return (text, level) => {
    const end = text.indexOf('\n')
    const message = {
      version: '1.1',
      host,
      short_message: end < 0 ? text : text.slice(0, end),
      ...(end >= 0 && { full_message: text }),
      timestamp: now() / 1000,
      level: SEVERITIES[level],
      _facility: 'gateway',
    }
    return Buffer.from(JSON.stringify(message))
  }
}

type Transport = { send(message: Buffer): void; close(): void }

function overUdp(host: string, port: number, { onDropped, onProblem }: GelfOptions): Transport {
  const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4').unref()
  let isDown = false
  socket.on('error', (error) => onProblem?.(error.message))
  const sent = (error: Error | null) => {
    if (error === null) {
      isDown = false
      return
    }
    onDropped?.(1)
    if (!isDown) onProblem?.(error.message)
    isDown = true
  }
  return {
    send(message) {
      const datagrams = datagramsOf(message)
      if (datagrams.length === 0) onDropped?.(1)
      for (const datagram of datagrams) socket.send(datagram, port, host, sent)
    },
    close: () => socket.close(),
  }
}

/** One datagram, or chunks of a packed message; none when it is too long for any. */
export function datagramsOf(message: Buffer): Buffer[] {
  if (message.length <= DATAGRAM_BYTES) return [message]
  const packed = gzipSync(message, { level: 1 })
  if (packed.length <= DATAGRAM_BYTES) return [packed]
  const size = DATAGRAM_BYTES - CHUNK_HEADER_BYTES
  const count = Math.ceil(packed.length / size)
  if (count > MOST_CHUNKS) return []
  const id = randomFillSync(Buffer.alloc(8))
  return Array.from({ length: count }, (_, at) =>
    Buffer.concat([
      Buffer.of(0x1e, 0x0f),
      id,
      Buffer.of(at, count),
      packed.subarray(at * size, (at + 1) * size),
    ]),
  )
}

const END = Buffer.of(0)

/** One connection, opened again a second after it broke. */
function overTcp(host: string, port: number, { onDropped, onProblem }: GelfOptions): Transport {
  let socket: Socket | undefined
  let retry: NodeJS.Timeout | undefined
  let isClosed = false
  let isDown = false
  const open = () => {
    const opened = connect(port, host).unref()
    socket = opened
    opened.on('connect', () => {
      isDown = false
    })
    opened.on('error', (error) => {
      if (!isDown) onProblem?.(error.message)
      isDown = true
    })
    opened.on('close', () => {
      if (socket === opened) socket = undefined
      if (!isClosed) retry = setTimeout(open, RECONNECT_MS).unref()
    })
  }
  open()
  return {
    send(message) {
      if (socket === undefined || socket.writableLength > MOST_WAITING_BYTES) onDropped?.(1)
      else socket.write(Buffer.concat([message, END]))
    },
    close() {
      isClosed = true
      clearTimeout(retry)
      socket?.end()
    },
  }
}
