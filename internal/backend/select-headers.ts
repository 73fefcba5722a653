import type { Decorator, Pipe } from '../pipe/pipe.ts'

/**
 * A backend's own `input_headers` (canonical): only these go on, the gateway's `User-Agent` and `X-Forwarded-*`
 * included. `*` is a name like any other here, as in KrakenD.
 */
export function selectHeaders(names: readonly string[]): Decorator<Pipe> | undefined {
  if (names.length === 0) return undefined
  const wanted = new Set(names)
  return (next) =>
    function selectInputHeaders(request, deadline) {
      const headers = request.headers.filter((_, at) =>
        wanted.has(request.headers[at - (at % 2)] as string),
      )
      return next({ ...request, headers }, deadline)
    }
}
