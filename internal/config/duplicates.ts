import type { RootDocument } from './document.ts'
import { isSupportedMethod } from './methods.ts'
import { endpointParameters, routeForm, withSlash } from './paths.ts'
import type { Finding } from './problem.ts'

/** Endpoints with the method and path of an earlier one. Other conflicts show when the router is built. */
export function duplicateEndpoints(root: RootDocument): Finding[] {
  const first = new Map<string, number>()
  return (root.endpoints ?? []).flatMap((endpoint, index): Finding[] => {
    const method = (endpoint.method || 'GET').toUpperCase()
    if (!isSupportedMethod(method)) return []
    const path = withSlash(endpoint.endpoint ?? '')
    const route = routeForm(path, endpointParameters(path, root.disable_rest ?? false))
    const key = `${method} ${route}`
    const earlier = first.get(key)
    if (earlier === undefined) {
      first.set(key, index)
      return []
    }
    return [
      {
        path: ['endpoints', index, 'endpoint'],
        message: `handlers are already registered for path '${route}': endpoints[${earlier}] has the same method ${method}`,
      },
    ]
  })
}
