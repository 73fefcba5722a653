import { basename } from 'node:path'
import { ConfigError } from '../errors.ts'
import { goTime } from './go-time.ts'
import { type LogFormat, type LogRecord, MODULE } from './log.ts'

const VARIABLE = /%\{([a-z]+)(?::(.*?[^\\]))?\}/g
/** go-logging's own words for it. */
const UNKNOWN_PLACE = '???'
const DEFAULT_TIME = '2006-01-02T15:04:05.999Z07:00'
const COLOURS: Readonly<Record<string, number>> = {
  FATAL: 35,
  CRITICAL: 35,
  ERROR: 31,
  WARNING: 33,
  DEBUG: 36,
}
/** `%-8.3s`: flag, width, precision, verb. */
const GO_VERB = /^(-?)([0-9]*)(?:\.([0-9]+))?([svqd])$/
/** `%03x`: flag, width, verb; for the variables that are numbers. */
const GO_NUMBER = /^([-0]?)([0-9]*)([dvxXob])$/
const BASES: Readonly<Record<string, number>> = { x: 16, X: 16, o: 8, b: 2 }

/**
 * Compiles a go-logging pattern such as `%{time:15:04:05} %{level:.3s} %{message}`. Variables: time, level,
 * message, module, pid, program, id, color; those that tell of a place in Go's code print `???`, as there when it is
 * not known. Throws a `ConfigError` for a pattern without any, with another one, or with a layout that is no Go verb.
 */
export function logPattern(pattern: string): LogFormat {
  const parts: LogFormat[] = []
  const fixed = (text: string) => {
    if (text !== '') parts.push(() => text)
  }
  let end = 0
  for (const match of pattern.matchAll(VARIABLE)) {
    fixed(pattern.slice(end, match.index))
    parts.push(variable(match[1] ?? '', match[2]))
    end = match.index + match[0].length
  }
  if (parts.length === 0) throw new ConfigError(`logger: invalid log format: ${pattern}`)
  fixed(pattern.slice(end))
  return (record) => parts.map((part) => part(record)).join('')
}

function variable(name: string, layout: string | undefined): LogFormat {
  if (name === 'time') {
    const format = goTime(layout ?? DEFAULT_TIME)
    return ({ nowMs }) => format(new Date(nowMs))
  }
  if (name === 'color') return colour(layout)
  if (name === 'callpath') return () => UNKNOWN_PLACE
  const number = NUMBERS[name]?.()
  if (number !== undefined) return numeric(number, layout ?? 'd')
  const value = VALUES[name]?.()
  if (value === undefined) throw new ConfigError(`logger: unknown variable: ${name}`)
  return layout === undefined ? value : padded(value, layout)
}

/** By name: makes what prints the variable. */
const VALUES: Readonly<Record<string, (() => LogFormat) | undefined>> = {
  level: () => (record) => record.level,
  message: () => (record) => record.message,
  module: () => () => MODULE,
  program: () => () => basename(process.argv[1] ?? process.execPath),
  longfile: () => () => `${UNKNOWN_PLACE}:0`,
  shortfile: () => () => `${UNKNOWN_PLACE}:0`,
  longpkg: () => () => UNKNOWN_PLACE,
  shortpkg: () => () => UNKNOWN_PLACE,
  longfunc: () => () => UNKNOWN_PLACE,
  shortfunc: () => () => UNKNOWN_PLACE,
}

/** By name: makes what gives the variable's number. */
const NUMBERS: Readonly<Record<string, (() => () => number) | undefined>> = {
  pid: () => () => process.pid,
  id: () => {
    let id = 0
    return () => ++id
  },
}

function colour(layout: string | undefined): LogFormat {
  if (layout === 'reset') return () => '\u001b[0m'
  const bold = layout === 'bold' ? ';1' : ''
  return ({ level }: LogRecord) => {
    const code = COLOURS[level]
    return code === undefined ? '' : `\u001b[${code}${bold}m`
  }
}

/** A number as a Go verb writes it: zeros go in front, blanks around. */
function numeric(next: () => number, layout: string): LogFormat {
  const match = GO_NUMBER.exec(layout)
  if (match === null)
    throw new ConfigError(`logger: invalid layout: ${layout} (allowed: as in 03x)`)
  const [, flag, width, verb = 'd'] = match
  return () => {
    const digits = next().toString(BASES[verb] ?? 10)
    const text = verb === 'X' ? digits.toUpperCase() : digits
    if (flag === '-') return text.padEnd(Number(width))
    return text.padStart(Number(width), flag === '0' ? '0' : ' ')
  }
}

function padded(value: LogFormat, layout: string): LogFormat {
  const match = GO_VERB.exec(layout)
  if (match === null)
    throw new ConfigError(`logger: invalid layout: ${layout} (allowed: as in -8.3s)`)
  const [, minus, width, precision, verb] = match
  const most = precision === undefined ? Number.POSITIVE_INFINITY : Number(precision)
  return (record) => {
    const characters = [...value(record)].slice(0, most)
    const text = verb === 'q' ? JSON.stringify(characters.join('')) : characters.join('')
    const gap = ' '.repeat(Math.max(0, Number(width) - characters.length))
    return minus === '-' ? text + gap : gap + text
  }
}
