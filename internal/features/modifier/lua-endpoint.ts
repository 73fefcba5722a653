import { GatewayError, toGatewayError } from '../../errors.ts'
import { endpointLogName } from '../../pipe/inner-names.ts'
import type { ClientRequest, Decorator, Handler, JsonValue, Reply } from '../../pipe/pipe.ts'
import { type HandlerFeature, pathOf, type Scope, type ServiceFeature } from '../feature.ts'
import { CONTEXT, Context } from './lua/api/context.ts'
import { BodyText } from './lua/api/subject.ts'
import { drive } from './lua/drive.ts'
import type { Execution } from './lua/execution.ts'
import type { Running } from './lua/machine/values.ts'
import { type Script, script } from './lua/script.ts'

const NAMESPACE = 'modifier/lua-endpoint'
const INTERNAL_ERROR = 500

/** `modifier/lua-endpoint` of the service: its `pre` sees every request but that for health; what it refuses is a 500. */
export const luaService: ServiceFeature = {
  namespace: NAMESPACE,
  isBehindRouter: true,
  prepare(config, place, scope) {
    const { disableHealth, healthPath } = place.service.router
    const decorate = beforeHandler(config, scope, {
      path: pathOf(NAMESPACE, place),
      prefix: '[SERVICE: Gin][Lua]',
      isService: true,
    })
    return (next) => {
      const scripted = decorate(next)
      return function scriptAllButHealth(request, deadline) {
        const isHealth = !disableHealth && request.path === healthPath && request.method === 'GET'
        return isHealth ? next(request, deadline) : scripted(request, deadline)
      }
    }
  },
}

/** `modifier/lua-endpoint`: its `pre` reads and changes what a client sent, or refuses it. */
export const luaEndpoint: HandlerFeature = {
  namespace: NAMESPACE,
  prepare: (config, place, scope) =>
    beforeHandler(config, scope, {
      path: pathOf(NAMESPACE, place),
      prefix: `${endpointLogName(place.endpoint)}[Lua]`,
      isService: false,
    }),
}

type Place = { readonly path: string; readonly prefix: string; readonly isService: boolean }

function beforeHandler(config: JsonValue, scope: Scope, place: Place): Decorator<Handler> {
  const prepared = script(config, { ...place, kinds: [CONTEXT] }, scope)
  if (prepared.parts.post !== undefined)
    scope.log.warning(
      `${place.path}.post: never runs, there is no answer yet: use modifier/lua-proxy`,
    )
  const refuse = refusal(scope, place)
  return (next) =>
    function scriptRequest(request, deadline) {
      let outcome: ClientRequest | Promise<ClientRequest>
      const execution = prepared.start(deadline)
      const body = new BodyText(request.body, scope.holder, deadline)
      const context = new Context(execution.api, request, body)
      execution.offer('ctx', context)
      try {
        outcome = drive(changed(prepared, execution, context))
      } catch (thrown) {
        return Promise.resolve(refuse(thrown))
      }
      const goOn = (scripted: ClientRequest): Promise<Reply> =>
        next(place.isService ? onItsWay(scripted, request) : scripted, deadline)
      if (!(outcome instanceof Promise)) return goOn(outcome)
      return outcome.then((scripted) => {
        deadline.restart()
        return goOn(scripted)
      }, refuse)
    }
}

function* changed(
  prepared: Script,
  execution: Execution,
  context: Context,
): Running<ClientRequest> {
  try {
    yield* execution.run(prepared.sources())
    yield* execution.run(prepared.parts.pre)
    return context.request
  } finally {
    execution.close()
  }
}

/** A service's script runs when the way is chosen already: method and path are those that came. */
const onItsWay = (scripted: ClientRequest, { method, path }: ClientRequest): ClientRequest =>
  scripted.method === method && scripted.path === path ? scripted : { ...scripted, method, path }

/** The reply to a request that a script refused or failed on: its text is only logged. */
function refusal({ log }: Scope, { prefix, isService }: Place): (thrown: unknown) => Reply {
  return (thrown) => {
    const error = toGatewayError(thrown)
    const isWanted = error.status !== undefined && !isService
    if (!isWanted) log.error(prefix, error.message)
    if (!(thrown instanceof GatewayError) && thrown instanceof Error) log.error(prefix, thrown)
    return {
      status: isWanted ? (error.status as number) : INTERNAL_ERROR,
      headers: isWanted ? headersOf(error) : [],
      body: undefined,
      errors: [error.message],
    }
  }
}

const headersOf = ({ contentType, headers }: GatewayError): string[] =>
  contentType === undefined ? [...headers] : [...headers, 'Content-Type', contentType]
