import { type ExtraConfig, namespace } from '../config/types.ts'
import { ConfigError } from '../errors.ts'
import type { JsonObject } from '../pipe/pipe.ts'
import {
  basicFormat,
  jsonFormat,
  LOG_LEVELS,
  type LogFormat,
  type Logger,
  type LogLevel,
  type LogOutput,
  logger,
  logstashFormat,
  logstashMessage,
  MODULE,
} from './log.ts'
import { logPattern } from './log-pattern.ts'

/** Where lines can go and what stays the same whatever is configured. */
export type LogPlaces = {
  readonly stdout: (line: string) => void
  /** `undefined` where there is no syslog to write to. */
  readonly syslog?: ((line: string, level: LogLevel) => void) | undefined
  /** `telemetry/gelf`'s server; it gets the application's log when `telemetry/logging` is there too. */
  readonly gelf?: ((line: string, level: LogLevel) => void) | undefined
  readonly redact?: (text: string) => string
  readonly now?: () => number
  /** The process's own setting; `json` replaces every look on stdout. */
  readonly format?: 'default' | 'json'
  /** The process's own setting: the quietest level, whatever the configuration says. */
  readonly level?: LogLevel | undefined
  /** One of several logs of a process that are made alike: another one tells what became of the configuration. */
  readonly isQuietAtStart?: boolean
}

const DEFAULT_PATTERN =
  ' %{time:2006/01/02 - 15:04:05.000} %{color}▶ %{level}%{color:reset} %{message}'
const SYSLOG_PATTERN = '%{level} > %{message}'
const GELF_PATTERN = '%{message}'

/**
 * The application's log as `telemetry/logging` and `telemetry/logstash` ask for. Throws a `ConfigError` for a
 * pattern that cannot work; an unknown level falls back to KrakenD's plain log, with an error line, as recorded.
 * Where nothing is written, the level is not looked at.
 */
export function applicationLog(extraConfig: ExtraConfig, places: LogPlaces): Logger {
  const { format, redact, now } = places
  const config = namespace(extraConfig, 'telemetry/logging')
  const common = { ...(redact && { redact }), ...(now && { now }) }
  const plain = (level: LogLevel) =>
    logger({
      ...common,
      level,
      outputs: [{ format: format === 'json' ? jsonFormat() : basicFormat(), write: places.stdout }],
    })
  if (config === undefined) return plain(places.level ?? 'DEBUG')
  const hasLogstash = extraConfig['telemetry/logstash'] !== undefined
  const outputs = outputsOf(config, places, hasLogstash)
  const level = places.level ?? levelOf(config['level'])
  const problem = outputs.length === 0 || level ? undefined : 'logger: invalid log level'
  const fault = syslogProblem(config, places) ?? problem
  if (fault !== undefined) {
    const fallback = plain(places.level ?? 'DEBUG')
    if (!places.isQuietAtStart)
      fallback.error('[SERVICE: Logging] Unable to create the logger:', fault)
    return fallback
  }
  const log = logger({ ...common, level: level ?? 'DEBUG', outputs })
  if (!places.isQuietAtStart) log.debug('[SERVICE: telemetry/logging] Improved logging started.')
  return log
}

function outputsOf(config: JsonObject, places: LogPlaces, hasLogstash: boolean): LogOutput[] {
  const outputs: LogOutput[] = []
  const message = hasLogstash ? logstashMessage(text(config['prefix']) ?? MODULE) : undefined
  const look = (format: LogFormat): LogFormat =>
    message === undefined ? format : (record) => format({ ...record, message: message(record) })
  if (isOn(config, 'stdout')) {
    const format = places.format === 'json' ? jsonFormat() : look(stdoutFormat(config, hasLogstash))
    outputs.push({ format, write: places.stdout })
  }
  if (isOn(config, 'syslog') && places.syslog !== undefined)
    outputs.push({ format: look(logPattern(SYSLOG_PATTERN)), write: places.syslog })
  // As in KrakenD, telemetry/logstash leaves nothing for telemetry/gelf.
  if (places.gelf !== undefined && !hasLogstash)
    outputs.push({ format: logPattern(GELF_PATTERN), write: places.gelf })
  return outputs
}

function stdoutFormat(config: JsonObject, hasLogstash: boolean): LogFormat {
  if (config['format'] === 'logstash') return logstashFormat()
  if (config['format'] === 'custom') return logPattern(text(config['custom_format']) ?? '')
  const prefix = hasLogstash ? '' : (text(config['prefix']) ?? '')
  const format = logPattern(DEFAULT_PATTERN)
  return (record) => prefix + format(record)
}

function syslogProblem(config: JsonObject, { syslog }: LogPlaces): string | undefined {
  return isOn(config, 'syslog') && syslog === undefined ? 'Unix syslog delivery error' : undefined
}

function levelOf(value: unknown): LogLevel | undefined {
  const name = text(value)?.toUpperCase()
  // go-logging's level between INFO and WARNING: nothing here is logged at it.
  if (name === 'NOTICE') return 'WARNING'
  return LOG_LEVELS.find((level) => level === name && level !== 'FATAL')
}

/** `stdout` and `syslog`: anything but true and false stops the start, as it does KrakenD's. */
function isOn(config: JsonObject, key: 'stdout' | 'syslog'): boolean {
  const value = config[key]
  if (value === undefined || typeof value === 'boolean') return value === true
  throw new ConfigError([
    {
      place: { path: `extra_config["telemetry/logging"].${key}` },
      message: 'must be true or false',
      found: JSON.stringify(value),
    },
  ])
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}
