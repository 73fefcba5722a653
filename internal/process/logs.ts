import { isMainThread } from 'node:worker_threads'
import type { ServiceConfig } from '../config/types.ts'
import { type AccessLog, accessLog } from '../telemetry/access-log.ts'
import { applicationLog } from '../telemetry/application-log.ts'
import { openGelf } from '../telemetry/gelf.ts'
import { lineWriter } from '../telemetry/line-writer.ts'
import type { Logger, LogLevel } from '../telemetry/log.ts'
import type { Meters } from '../telemetry/metrics.ts'
import { type Secrets, secrets } from '../telemetry/secrets.ts'
import { openSyslog } from '../telemetry/syslog.ts'

const STDOUT = 1

/** What a thread logs with. */
export type Logs = {
  readonly application: Logger
  /** `undefined` with `disable_access_log`. */
  readonly access: AccessLog | undefined
  readonly secrets: Secrets
  close(): void
}
export type LogSettings = {
  readonly logLevel: string
  readonly logFormat: string
  readonly secrets: readonly string[]
}

/** The logs of one thread: each writes its own lines, whole, to the process's descriptors. */
export function threadLogs(
  config: Pick<ServiceConfig, 'extraConfig' | 'router'>,
  settings: LogSettings,
  meters: Meters,
): Logs {
  const dropped = meters.counter('gateway_log_lines_dropped_total')
  const onDropped = (count: number) => dropped.add(count)
  const lines = lineWriter({ fd: STDOUT, onDropped })
  const syslog = openSyslog(config.extraConfig, { onDropped })
  const gelf = openGelf(config.extraConfig, {
    onDropped,
    onProblem: (problem) => application.error('[SERVICE: Gelf]', problem),
  })
  const hidden = secrets()
  for (const secret of settings.secrets) hidden.add(secret)
  const format = settings.logFormat === 'json' ? 'json' : 'default'
  const application = applicationLog(config.extraConfig, {
    stdout: lines.write,
    syslog: syslog?.write,
    gelf: gelf?.write,
    redact: hidden.redact,
    format,
    level: settings.logLevel === '' ? undefined : (settings.logLevel as LogLevel),
    isQuietAtStart: !isMainThread,
  })
  const { disableAccessLog, loggerSkipPaths } = config.router
  const access = disableAccessLog
    ? undefined
    : accessLog({
        write: gelf?.write ?? lines.write,
        skipPaths: loggerSkipPaths,
        redact: hidden.redact,
        format,
      })
  const close = () => {
    process.off('exit', lines.close)
    lines.close()
    syslog?.close()
    gelf?.close()
  }
  // Whoever ends the process without closing (a second signal, a crash) loses no line.
  process.once('exit', lines.close)
  return { application, access, secrets: hidden, close }
}
