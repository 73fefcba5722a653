import type { EndpointConfig, RouterConfig, ServiceConfig } from '../config/types.ts'
import type { Handler } from '../pipe/pipe.ts'
import type { Logger } from '../telemetry/log.ts'
import { allowOptions, type HealthScope, health } from './built-in.ts'
import { debug, echo } from './debug-echo.ts'
import { refuseEncodedParams } from './param-guard.ts'
import type { Route } from './router.ts'

/** gin's `Any`, in the order it registers them: it shows in the `Allow` of a 405. */
const ANY = ['GET', 'POST', 'PUT', 'PATCH', 'HEAD', 'OPTIONS', 'DELETE', 'CONNECT', 'TRACE']

/** The gateway's own routes that come before the endpoints: health first, then debug and echo. */
export function builtInRoutes(
  service: Pick<ServiceConfig, 'router' | 'debugEndpoint' | 'echoEndpoint'>,
  scope: HealthScope & { readonly log: Logger },
): Route<Handler>[] {
  const { disableHealth, healthPath, disablePathDecoding } = service.router
  const guarded = (handler: Handler): Handler => (disablePathDecoding ? handler : guard(handler))
  return [
    ...(disableHealth ? [] : [{ method: 'GET', endpoint: healthPath, value: health(scope) }]),
    ...(service.debugEndpoint ? anyMethod('/__debug/*', guarded(debug(scope.log))) : []),
    ...(service.echoEndpoint ? anyMethod('/__echo/*', guarded(echo())) : []),
  ]
}

/** Refuses parameters that are still encoded, as for endpoints. */
function guard(handler: Handler): Handler {
  return async function guardParams(request, deadline) {
    return refuseEncodedParams(request.params) ?? handler(request, deadline)
  }
}

const anyMethod = (endpoint: string, value: Handler): Route<Handler>[] =>
  ANY.map((method) => ({ method, endpoint, value }))

/** The OPTIONS routes of `auto_options`, one for each path of `endpoints`; they come last. */
export function optionsRoutes(
  endpoints: readonly Pick<EndpointConfig, 'endpoint' | 'method' | 'index'>[],
  router: Pick<RouterConfig, 'autoOptions' | 'hideVersionHeader'>,
): Route<Handler>[] {
  if (!router.autoOptions) return []
  const paths = Map.groupBy(endpoints, ({ endpoint }) => endpoint)
  return [...paths].map(([endpoint, ofPath]) => ({
    method: 'OPTIONS',
    endpoint,
    value: allowOptions(
      ofPath.map(({ method }) => method),
      router,
    ),
    place: { path: `endpoints[${ofPath[0]?.index}].endpoint` },
  }))
}
