import type { EndpointConfig, ServiceConfig } from '../config/types.ts'
import { encoderFor } from '../encode/encode.ts'
import { toGatewayError } from '../errors.ts'
import {
  decoratorsFor,
  type EndpointPlace,
  type HandlerPlace,
  type Scope,
} from '../features/feature.ts'
import { handlerFeatures } from '../features/table.ts'
import { endpointLogName } from '../pipe/inner-names.ts'
import { onceEach } from '../pipe/once-each.ts'
import { compose, type Handler, type Pipe } from '../pipe/pipe.ts'
import { refuseEncodedParams } from '../router/param-guard.ts'
import { type ToReply, toReply } from '../router/to-reply.ts'
import { type ToRequest, toRequest } from '../router/to-request.ts'
import type { Logger } from '../telemetry/log.ts'

/** Builds the client side of each endpoint of a service. */
export type EndpointHandlers = (place: EndpointPlace, pipe: Pipe) => Handler

/** The client side of endpoints: guards on clients, then from request to proxy request and from response to reply. */
export function endpointHandlers({ router }: ServiceConfig, scope: Scope): EndpointHandlers {
  const parts: Parts = {
    request: onceEach(toRequest),
    reply: onceEach(({ outputEncoding, cacheTtlMs }) => {
      const encode = outputEncoding === 'no-op' ? undefined : encoderFor(outputEncoding)
      return toReply({ endpoint: { cacheTtlMs }, router, encode })
    }),
  }
  return (place, pipe) => endpointHandler(place, scope, pipe, parts)
}

/** What endpoints of equal options share. */
type Parts = {
  readonly request: (
    options: Pick<EndpointConfig, 'inputHeaders' | 'inputQueryStrings'>,
  ) => ToRequest
  readonly reply: (options: Pick<EndpointConfig, 'outputEncoding' | 'cacheTtlMs'>) => ToReply
}

function endpointHandler(place: EndpointPlace, scope: Scope, pipe: Pipe, parts: Parts): Handler {
  const { endpoint, service } = place
  const { inputHeaders, inputQueryStrings, outputEncoding, cacheTtlMs } = endpoint
  const request = parts.request({ inputHeaders, inputQueryStrings })
  const reply = parts.reply({ outputEncoding, cacheTtlMs })
  const proxy: HandlerPlace['proxy'] = (clientRequest, deadline) =>
    pipe(request(clientRequest), deadline)
  const handlerPlace: HandlerPlace = { ...place, proxy }
  const features = decoratorsFor<Handler, HandlerPlace>(
    handlerFeatures,
    endpoint.extraConfig,
    handlerPlace,
    scope,
  )
  const logErrors = errorLog(scope.log, endpoint)
  const isMerge = endpoint.backends.length > 1
  const handler = compose<Handler>(features, function proxyRequest(clientRequest, deadline) {
    return proxy(clientRequest, deadline).then(
      (response) => {
        if (response.errors.length > 0) logErrors(response.errors, isMerge)
        return reply.fromResponse(response, clientRequest)
      },
      (thrown) => {
        const error = toGatewayError(thrown)
        if (error.code === 'merge') logErrors(error.cause as readonly Error[], true)
        else logErrors([error], false)
        return reply.fromError(error)
      },
    )
  })
  if (service.router.disablePathDecoding) return handler
  return function guardParams(clientRequest, deadline) {
    const refusal = refuseEncodedParams(clientRequest.params)
    return refusal === undefined ? handler(clientRequest, deadline) : Promise.resolve(refusal)
  }
}

/** Failures of a request as KrakenD words them: those of a merge's parts numbered, a guard's or a sequence's not. */
function errorLog(
  log: Logger,
  endpoint: EndpointConfig,
): (errors: readonly Error[], isNumbered: boolean) => void {
  const prefix = endpointLogName(endpoint)
  return (errors, isNumbered) => {
    for (const [at, error] of errors.entries())
      if (isNumbered) log.error(`${prefix} Error #${at}: ${error.message}`)
      else log.error(prefix, error.message)
  }
}
