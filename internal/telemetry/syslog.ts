import { type ChildProcess, spawn } from 'node:child_process'
import { accessSync, constants, statSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { type ExtraConfig, namespace } from '../config/types.ts'

/** The machine's syslog. */
export type Syslog = {
  /** Sends a line; drops it when the daemon does not keep up. */
  write(line: string): void
  close(): void
}
export type SyslogOptions = {
  /** Looked for in this order; the first that exists is used. */
  readonly sockets?: readonly string[]
  /** Lines lost so far go here. */
  readonly onDropped?: (lines: number) => void
}

const SOCKETS = ['/dev/log', '/var/run/syslog', '/var/run/log']
const COMMAND = 'logger'
const DEFAULT_FACILITY = 'local3'
const FACILITIES = /^local[0-7]$/
/** All lines have the severity of the configured level, as KrakenD's do: their own stands in their text. */
const SEVERITIES: Readonly<Record<string, string>> = {
  error: 'err',
  warning: 'warning',
  info: 'info',
  debug: 'debug',
}
const MOST_WAITING_BYTES = 1024 * 1024
const RESTART_MS = 1000

/**
 * Opens the syslog that `telemetry/logging` asks for. Node has no datagram sockets with paths, which is what
 * syslog daemons listen on, so the lines go through the system's `logger` command, which stays open.
 * `undefined` when none is asked for, or when there is no daemon's socket or no such command.
 */
export function openSyslog(
  extraConfig: ExtraConfig,
  options: SyslogOptions = {},
): Syslog | undefined {
  const config = namespace(extraConfig, 'telemetry/logging')
  if (config?.['syslog'] !== true) return undefined
  const socket = (options.sockets ?? SOCKETS).find(isSocket)
  const command = commandPath(COMMAND)
  if (socket === undefined || command === undefined) return undefined
  const facility = String(config['syslog_facility'] ?? '').toLowerCase()
  const severity = SEVERITIES[String(config['level']).toLowerCase()] ?? 'crit'
  const priority = `${FACILITIES.test(facility) ? facility : DEFAULT_FACILITY}.${severity}`
  const prefix = config['prefix']
  const tag = typeof prefix === 'string' && prefix !== '' ? prefix : 'gateway'
  // Only where it differs from the default: not every `logger` knows -u.
  const place = socket === SOCKETS[0] ? [] : ['-u', socket]
  return throughCommand(command, ['-t', tag, '-p', priority, ...place], options.onDropped)
}

function throughCommand(
  command: string,
  args: readonly string[],
  onDropped: SyslogOptions['onDropped'],
): Syslog {
  let child: ChildProcess | undefined
  let startedMs = Number.NEGATIVE_INFINITY
  const running = (): ChildProcess | undefined => {
    if (child !== undefined || performance.now() - startedMs < RESTART_MS) return child
    startedMs = performance.now()
    const started = start(command, args)
    const ended = () => {
      if (child === started) child = undefined
    }
    started.on('error', ended).on('exit', ended)
    child = started
    return child
  }
  return {
    write(line) {
      const stdin = running()?.stdin
      if (!stdin?.writable || stdin.writableLength > MOST_WAITING_BYTES) onDropped?.(1)
      else stdin.write(`${line}\n`)
    },
    close() {
      child?.stdin?.end()
      child = undefined
      startedMs = Number.POSITIVE_INFINITY
    },
  }
}

/** Neither the command nor its pipe keeps the process alive. */
function start(command: string, args: readonly string[]): ChildProcess {
  const child = spawn(command, args, { stdio: ['pipe', 'ignore', 'ignore'] })
  child.unref()
  // It ended: the next line starts it again.
  child.stdin.on('error', () => {})
  if ('unref' in child.stdin && typeof child.stdin.unref === 'function') child.stdin.unref()
  return child
}

function isSocket(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isSocket() === true
}

function commandPath(name: string): string | undefined {
  const folders = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '')
  return folders.map((folder) => join(folder, name)).find(isExecutable)
}
function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    // Not here: the next folder is asked.
    return false
  }
}
