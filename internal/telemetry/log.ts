import { hostname } from 'node:os'
import { inspect } from 'node:util'
import { goTime, oncePerSecond } from './go-time.ts'
import type { LineWriter } from './line-writer.ts'

/** Levels as KrakenD names them, loudest last. */
export type LogLevel = 'DEBUG' | 'INFO' | 'WARNING' | 'ERROR' | 'CRITICAL' | 'FATAL'

/** Writes the application's log lines. Arguments are joined by blanks. */
export type Logger = {
  debug(...words: readonly unknown[]): void
  info(...words: readonly unknown[]): void
  warning(...words: readonly unknown[]): void
  error(...words: readonly unknown[]): void
  critical(...words: readonly unknown[]): void
}

/** One entry of the application's log, before it has a look. */
export type LogRecord = {
  readonly level: LogLevel
  readonly message: string
  /** Milliseconds since the epoch. */
  readonly nowMs: number
}
/** Makes a record a line, without its line end. */
export type LogFormat = (record: LogRecord) => string

/** One place where lines go, with the look they have there. */
export type LogOutput = {
  readonly format: LogFormat
  readonly write: (line: string, level: LogLevel) => void
}
export type LoggerOptions = {
  /** The quietest level that is written. */
  readonly level: LogLevel
  readonly outputs: readonly LogOutput[]
  /** Takes what must never be printed out of a text. */
  readonly redact?: (text: string) => string
  readonly now?: () => number
}

/** The module that every line names, as KrakenD's do. */
export const MODULE = 'KRAKEND'

export const LOG_LEVELS = ['DEBUG', 'INFO', 'WARNING', 'ERROR', 'CRITICAL', 'FATAL'] as const

/** A logger of its own level and outputs; without any output it does nothing. */
export function logger(options: LoggerOptions): Logger {
  const { outputs, redact = (text) => text, now = Date.now } = options
  const quietest = LOG_LEVELS.indexOf(options.level)
  const at = (level: LogLevel) => {
    if (outputs.length === 0 || LOG_LEVELS.indexOf(level) < quietest) return () => {}
    return (...words: readonly unknown[]): void => {
      const message = redact(oneEntry(words.map(wordText).join(' ')))
      const record = { level, message, nowMs: now() }
      for (const { format, write } of outputs) write(format(record), level)
    }
  }
  return {
    debug: at('DEBUG'),
    info: at('INFO'),
    warning: at('WARNING'),
    error: at('ERROR'),
    critical: at('CRITICAL'),
  }
}

/** KrakenD's look without `telemetry/logging`: `2026/11/20 12:45:15 KRAKEND INFO: text`. */
export function basicFormat(): LogFormat {
  const time = oncePerSecond(goTime('2006/01/02 15:04:05'))
  return ({ level, message, nowMs }) => `${time(nowMs)} ${MODULE} ${level}: ${message}`
}

/** One JSON object a line, for collectors that read JSON: time, level, message. */
export function jsonFormat(): LogFormat {
  return ({ level, message, nowMs }) =>
    JSON.stringify({ time: new Date(nowMs).toISOString(), level, message })
}

/** KrakenD's `"format": "logstash"`, with the message escaped so that the line is JSON whatever it says. */
export function logstashFormat(): LogFormat {
  const time = goTime('2006-01-02T15:04:05.000+00:00')
  return ({ level, message, nowMs }) =>
    `{"@timestamp":"${time(new Date(nowMs))}", "@version": 1, "level": "${level}", "message": ${JSON.stringify(message)}, "module": "${MODULE}"}`
}

/** What `telemetry/logstash` puts in the place of the message. */
export function logstashMessage(module: string): LogFormat {
  const time = goTime('2006-01-02T15:04:05.000000-07:00')
  return ({ level, message, nowMs }) =>
    JSON.stringify({
      '@timestamp': time(new Date(nowMs)),
      '@version': 1,
      host: hostname(),
      level,
      message,
      module,
    })
}

/** Sends lines to a descriptor. */
export function toLines(lines: LineWriter, format: LogFormat): LogOutput {
  return { format, write: (line) => lines.write(line) }
}

function wordText(word: unknown): string {
  if (typeof word === 'string') return word
  if (word instanceof Error) return word.message
  return typeof word === 'object'
    ? inspect(word, { depth: 4, breakLength: Infinity })
    : String(word)
}

const UNPRINTABLE = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028\u2029]/g
const hex = (character: string) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`

/**
 * Control characters shown, not sent to a terminal; further lines indented. So nothing that came from outside
 * can pass for an entry of its own.
 */
export function oneEntry(text: string): string {
  const printable = text.replace(UNPRINTABLE, hex)
  return printable.includes('\n') ? printable.trimEnd().replaceAll('\n', '\n    ') : printable
}
