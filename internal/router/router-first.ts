import { headerValue } from '../pipe/headers.ts'
import type { Decorator, Handler, Reply } from '../pipe/pipe.ts'
import type { Unrouted } from './built-in.ts'
import type { Router } from './router.ts'

/**
 * Stands before the guards of the service, which gin runs behind its router: a redirect to a cleaner path passes
 * them by, and what they refuse of a method that the path does not have names the methods it has.
 */
export function routerFirst(router: Router<unknown>, otherwise: Unrouted): Decorator<Handler> {
  return (next) =>
    function routeBeforeGuards(request, deadline) {
      const found = router.find(request.method, request.path)
      if (found.kind === 'redirect') return Promise.resolve(otherwise(request, found))
      const reply = next(request, deadline)
      return found.kind === 'method-not-allowed'
        ? reply.then((refused) => withMethods(refused, found.allow))
        : reply
    }
}

const withMethods = (reply: Reply, allow: string): Reply =>
  headerValue(reply.headers, 'allow') === undefined
    ? { ...reply, headers: ['Allow', allow, ...reply.headers] }
    : reply
