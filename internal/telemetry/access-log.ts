import type { ClientRequest } from '../pipe/pipe.ts'
import { goDuration } from './go-duration.ts'
import { goQuote } from './go-quote.ts'
import { goTime, oncePerSecond } from './go-time.ts'
import { oneEntry } from './log.ts'

/** Writes the line of one answered request. */
export type AccessLog = (
  request: Pick<ClientRequest, 'method' | 'path' | 'rawQuery' | 'clientAddress'>,
  status: number,
  /** From the request line to the end of the answer. */
  durationMs: number,
  /** Printed under the line: `Error #01: ...`. */
  errors?: readonly string[],
) => void

export type AccessLogOptions = {
  readonly write: (line: string) => void
  /** Decoded paths that are not logged (`logger_skip_paths`). */
  readonly skipPaths?: readonly string[]
  readonly redact?: (text: string) => string
  readonly now?: () => number
  /** `json`: one object a line, for collectors that read nothing else. */
  readonly format?: 'default' | 'json'
}

const MINUTE_NS = 60e9
const SECOND_NS = 1e9
const MS_NS = 1e6
/** More of a path is cut off with the line anyway. */
const SHOWN_PATH = 4096

/** Logs every request but those to the paths to skip. */
export function accessLog(options: AccessLogOptions): AccessLog {
  const { write, redact = (text) => text, now = Date.now } = options
  const skipped = new Set(options.skipPaths)
  const lineOf = options.format === 'json' ? jsonLine(now) : ginLine(now)
  return (request, status, durationMs, errors = []) => {
    const path = decodedPath(request.path)
    if (skipped.size > 0 && skipped.has(utf8(path))) return
    const target = request.rawQuery === '' ? path : `${path}?${request.rawQuery}`
    const shownErrors = errors.length === 0 ? errors : errors.map((error) => redact(error))
    write(lineOf(request, target.slice(0, SHOWN_PATH), status, durationMs, shownErrors))
  }
}

type LineOf = (
  request: Parameters<AccessLog>[0],
  target: string,
  status: number,
  durationMs: number,
  errors: readonly string[],
) => string

/**
 * gin's line, as KrakenD prints it: `[GIN] 2026/11/20 - 12:33:10 | 405 |  3.365µs |       127.0.0.1 | HEAD     "/g"`.
 */
function ginLine(now: () => number): LineOf {
  const time = oncePerSecond(goTime('2006/01/02 - 15:04:05'))
  return ({ clientAddress, method }, target, status, durationMs, errors) => {
    const duration = shownDuration(durationMs).padStart(8)
    const line = `[GIN] ${time(now())} | ${String(status).padStart(3)} | ${duration} | ${clientAddress.padStart(15)} | ${method.padEnd(7)}  ${goQuote(target)}`
    return errors.length === 0 ? line : line + errorLines(errors)
  }
}

function jsonLine(now: () => number): LineOf {
  return ({ clientAddress, method }, target, status, durationMs, errors) =>
    JSON.stringify({
      time: new Date(now()).toISOString(),
      level: 'ACCESS',
      status,
      durationMs,
      client: clientAddress,
      method,
      path: utf8(target),
      ...(errors.length > 0 && { errors }),
    })
}

/** gin cuts what nobody reads: to 10 us above a millisecond, 10 ms above a second, 10 s above a minute. */
function shownDuration(durationMs: number): string {
  const ns = Math.max(0, Math.round(durationMs * MS_NS))
  if (ns > MINUTE_NS) return goDuration(ns - (ns % 10e9))
  if (ns > SECOND_NS) return goDuration(ns - (ns % 10e6))
  return goDuration(ns > MS_NS ? ns - (ns % 10e3) : ns)
}

/** Percent-decoded bytes as a latin1 string; what is no escape stays as it is. */
function decodedPath(path: string): string {
  if (!path.includes('%')) return path
  return path.replace(/%([0-9a-f]{2})/gi, (_all, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  )
}

/** node:http hands over a request line's bytes as a latin1 string. */
const utf8 = (latin1: string): string => Buffer.from(latin1, 'latin1').toString()

function errorLines(errors: readonly string[]): string {
  const lines = errors.map(
    (error, at) => `\nError #${String(at + 1).padStart(2, '0')}: ${oneEntry(error)}`,
  )
  return lines.join('')
}
