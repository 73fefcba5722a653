import { parseDuration } from '../config/duration.ts'
import type { BackendConfig } from '../config/types.ts'
import { namespace } from '../config/types.ts'
import { ConfigError } from '../errors.ts'
import { DeadlineWheel } from '../pipe/deadline.ts'
import type { BodyHolder } from '../pipe/hold-body.ts'
import type { Decorator, Pipe } from '../pipe/pipe.ts'

/** Backends that get a copy of each request and whose answers nobody sees. */
export type ShadowGroup = {
  readonly backends: readonly BackendConfig[]
  /** The longest `shadow_timeout`, if any. */
  readonly timeoutMs: number | undefined
}

/** Whether a backend is marked `proxy.shadow`. */
export const isShadow = ({ extraConfig }: Pick<BackendConfig, 'extraConfig'>): boolean =>
  namespace(extraConfig, 'proxy')?.['shadow'] === true

/** The backends that are shadows; `undefined` without any. */
export function shadowGroup(backends: readonly BackendConfig[]): ShadowGroup | undefined {
  const shadows = backends.filter(isShadow)
  if (shadows.length === 0) return undefined
  const timeouts = shadows.flatMap((backend) => {
    const written = namespace(backend.extraConfig, 'proxy')?.['shadow_timeout']
    return typeof written === 'string' ? [timeoutOf(written, backend)] : []
  })
  return { backends: shadows, timeoutMs: timeouts.length === 0 ? undefined : Math.max(...timeouts) }
}

function timeoutOf(written: string, backend: BackendConfig): number {
  const parsed = parseDuration(written)
  if ('ms' in parsed) return parsed.ms
  throw new ConfigError(parsed.reason, {
    path: `backend[${backend.index}].extra_config.proxy.shadow_timeout`,
  })
}

export type ShadowOptions = {
  readonly pipe: Pipe
  readonly timeoutMs: number
  readonly holder: BodyHolder
}

/** Sends a copy of each request along `pipe`, with time of its own: neither its failure nor the client's going ends the other. */
export function shadowTraffic({ pipe, timeoutMs, holder }: ShadowOptions): Decorator<Pipe> {
  const wheel = new DeadlineWheel()
  return (next) =>
    async function splitShadow(request, deadline) {
      const body = await holder.hold(request.body, deadline)
      const copy = { ...request, body }
      const own = wheel.start(performance.now()).limit(timeoutMs)
      pipe(copy, own)
        .then((response) => {
          if (response.kind === 'stream') response.body.destroy()
        })
        // Nobody waits for it; its failures are in the backend's metrics.
        .catch(() => {})
        .finally(() => own.finish())
      return next(copy, deadline)
    }
}
