import { ConfigError } from '../../errors.ts'
import type { Deadline } from '../../pipe/deadline.ts'
import type { Decorator, JsonValue, Pipe, ProxyRequest, ProxyResponse } from '../../pipe/pipe.ts'
import type { BackendFeature, BackendPlace, EndpointPlace, PipeFeature, Scope } from '../feature.ts'
import { pathOf } from '../feature.ts'
import { draftOf, IncomingBody, OutgoingBody } from './bodies.ts'
import { failure } from './failure.ts'
import { inTime } from './in-time.ts'
import { built, namedPlugins } from './named-plugins.ts'
import type {
  ProxiedRequest,
  ProxiedResponse,
  RequestModifier,
  ResponseModifier,
} from './plugin.ts'
import { headerListOf, headerValuesOf, queryListOf, queryValuesOf } from './values.ts'

const NAMESPACE = 'plugin/req-resp-modifier'

/** `plugin/req-resp-modifier` of an endpoint: modules that change its requests and merged answers, in their order. */
export const endpointModifiers: PipeFeature = {
  namespace: NAMESPACE,
  prepare: (config, place, scope) => modifiers(config, place, scope),
}

/** The same for one backend: behind its `url_pattern`, and before its answer is merged. */
export const backendModifiers: BackendFeature = {
  namespace: NAMESPACE,
  prepare: (config, place, scope) => modifiers(config, place, scope),
}

type OfRequests = { readonly name: string; readonly modify: ReturnType<RequestModifier> }
type OfResponses = { readonly name: string; readonly modify: ReturnType<ResponseModifier> }

function modifiers(
  config: JsonValue,
  place: EndpointPlace | BackendPlace,
  scope: Scope,
): Decorator<Pipe> {
  const path = pathOf(NAMESPACE, place)
  const ofRequests: OfRequests[] = []
  const ofResponses: OfResponses[] = []
  for (const named of namedPlugins(config, path, place.service)) {
    const { name, requestModifier, responseModifier } = named.plugin
    if (requestModifier === undefined && responseModifier === undefined)
      throw new ConfigError(`the plugin ${name} modifies neither requests nor responses`, { path })
    if (requestModifier !== undefined)
      ofRequests.push({ name, modify: built(requestModifier, named, path, scope) })
    if (responseModifier !== undefined)
      ofResponses.push({ name, modify: built(responseModifier, named, path, scope) })
  }
  return (next) =>
    async function modify(request, deadline) {
      const changed =
        ofRequests.length === 0
          ? request
          : await changeRequest(request, deadline, ofRequests, scope)
      const response = await next(changed, deadline)
      // A failed part leaves the answer as it is, as in KrakenD.
      return ofResponses.length === 0 || response.errors.length > 0
        ? response
        : changeResponse(response, deadline, ofResponses, scope)
    }
}

async function changeRequest(
  request: ProxyRequest,
  deadline: Deadline,
  list: readonly OfRequests[],
  { holder }: Scope,
): Promise<ProxyRequest> {
  const { method, path, params } = request
  let current: ProxiedRequest = {
    method,
    path,
    params,
    query: queryValuesOf(request.query),
    headers: headerValuesOf(request.headers),
    body: new IncomingBody(request.body, holder, deadline),
  }
  for (const { name, modify } of list)
    current = (await inTime(name, () => modify(current), deadline)) ?? current
  const body = draftOf(current.body, IncomingBody)
  return {
    method: text(current.method, 'method'),
    host: request.host,
    path: text(current.path, 'path'),
    query: queryListOf(current.query),
    headers: headerListOf(current.headers),
    params: paramsOf(current.params),
    body: body instanceof IncomingBody ? body.raw : body,
  }
}

function paramsOf(params: ProxiedRequest['params']): ProxyRequest['params'] {
  if (typeof params !== 'object' || params === null) throw failure('returned no params')
  for (const value of Object.values(params)) text(value, 'param')
  return params
}

function text(value: unknown, what: string): string {
  if (typeof value === 'string') return value
  throw failure(`returned a ${what} that is no text`)
}

async function changeResponse(
  response: ProxyResponse,
  deadline: Deadline,
  list: readonly OfResponses[],
  scope: Scope,
): Promise<ProxyResponse> {
  const { status, isComplete } = response
  const body =
    response.kind === 'stream' ? new OutgoingBody(response.body, scope.maxDecodeBytes) : undefined
  const given: ProxiedResponse = {
    status,
    isComplete,
    headers: headerValuesOf(response.headers),
    ...(response.kind === 'data' ? { data: response.data } : { body }),
  }
  try {
    let current = given
    for (const { name, modify } of list)
      current = (await inTime(name, () => modify(current), deadline)) ?? current
    return current === given && body === undefined ? response : toResponse(response, current)
  } catch (error) {
    body?.drop()
    throw error
  }
}

function toResponse(response: ProxyResponse, changed: ProxiedResponse): ProxyResponse {
  const { status, isComplete } = changed
  if (typeof status !== 'number') throw failure('returned a status that is no number')
  const headers = headerListOf(changed.headers)
  if (response.kind === 'data') {
    const { data } = changed
    if (typeof data !== 'object' || Array.isArray(data))
      throw failure('returned data that are no object')
    return {
      ...response,
      data,
      sources: [],
      status,
      headers,
      isComplete: isComplete === true,
    }
  }
  const body = draftOf(changed.body, OutgoingBody)
  if (!(body instanceof OutgoingBody)) response.body.destroy()
  const stream = body instanceof OutgoingBody ? body.stream() : new OutgoingBody(body, 0).stream()
  const isOther = stream !== response.body
  return {
    ...response,
    status,
    headers: isOther ? withoutLength(headers) : headers,
    body: stream,
    isComplete: isComplete === true,
  }
}

/** The listener measures what it sends. */
const withoutLength = (headers: string[]): string[] =>
  headers.filter((_, at) => headers[at - (at % 2)] !== 'Content-Length')
