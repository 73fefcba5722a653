import type { Decorator, Handler } from '../../pipe/pipe.ts'
import type { ServicePlace } from '../feature.ts'

/** A guard of the whole service that lets the health route pass: gin registers that route before its guards. */
export function exceptHealth(
  guard: Decorator<Handler>,
  { service }: ServicePlace,
): Decorator<Handler> {
  const { disableHealth, healthPath } = service.router
  if (disableHealth) return guard
  return (next) => {
    const guarded = guard(next)
    return function guardAllButHealth(request, deadline) {
      const isHealth = request.path === healthPath && request.method === 'GET'
      return isHealth ? next(request, deadline) : guarded(request, deadline)
    }
  }
}
