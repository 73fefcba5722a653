import { asObject, parseJson } from '../../decode/json.ts'
import { GatewayError } from '../../errors.ts'
import { bodyOf, collect, collectGunzipped } from '../../pipe/collect.ts'
import { canonicalHeader, headerValue, withHeader, withoutHeader } from '../../pipe/headers.ts'
import type {
  DataResponse,
  Decorator,
  JsonObject,
  JsonValue,
  Pipe,
  StreamResponse,
} from '../../pipe/pipe.ts'
import { valuesByName } from '../../pipe/values-by-name.ts'
import {
  type BackendFeature,
  type BackendPlace,
  type EndpointPlace,
  type PipeFeature,
  pathOf,
  type Scope,
} from '../feature.ts'
import { type BodyTemplate, bodyTemplate } from './body-generator/body-template.ts'
import { bodyData, requestData } from './body-generator/request-data.ts'

const NAMESPACE = 'modifier/response-body-generator'

/** `modifier/response-body-generator` of an endpoint: a Go template writes its answer. */
export const responseBody: PipeFeature = {
  namespace: NAMESPACE,
  prepare: generator,
}

/** The same for one backend, before its part is merged. */
export const backendResponseBody: BackendFeature = {
  namespace: NAMESPACE,
  prepare: generator,
}

function generator(
  config: JsonValue,
  place: EndpointPlace | BackendPlace,
  { log, maxDecodeBytes, now }: Scope,
): Decorator<Pipe> {
  const path = pathOf(NAMESPACE, place)
  const template = bodyTemplate(config, path, now)
  const render = (data: JsonObject): string => {
    if (template.debug) log.debug(`[${path}]`, JSON.stringify(data))
    return template.render(data)
  }
  return (next) =>
    async function generateResponseBody(request, deadline) {
      const response = await next(request, deadline)
      const { status, headers, isComplete } = response
      const about = {
        ...requestData(request),
        resp_headers: valuesByName(headers, canonicalHeader),
        resp_status: status,
        resp_is_complete: isComplete,
      }
      if (response.kind === 'data')
        return written(response, render({ ...about, resp_body: response.data }), template)
      const bytes = await bytesOf(response, maxDecodeBytes)
      return rewritten(response, render({ ...about, resp_body: bodyData(bytes) }), template)
    }
}

const parse = parseJson({ exactSpelling: true })

/** Data again: the JSON object that was written, or with another media type its text under `content`. */
function written(
  response: DataResponse,
  text: string,
  { contentType }: BodyTemplate,
): DataResponse {
  if (!/\bjson\b/i.test(contentType)) return { ...response, data: { content: text }, sources: [] }
  const bytes = Buffer.from(text)
  const { value, exact } = parse(bytes)
  const data = asObject(value)
  if (data === undefined || exact === undefined)
    throw new GatewayError('component', {
      message: '[body generator] what the template wrote is no JSON object',
    })
  return { ...response, data, sources: [] }
}

const bytesOf = ({ body, headers }: StreamResponse, maxBytes: number): Promise<Buffer> =>
  (headerValue(headers, 'content-encoding') === 'gzip' ? collectGunzipped : collect)(body, maxBytes)

/** Headers that describe the body that is gone. */
const OF_THE_BODY = ['content-length', 'content-encoding', 'content-range', 'etag', 'last-modified']

function rewritten(
  response: StreamResponse,
  text: string,
  { contentType }: BodyTemplate,
): StreamResponse {
  const headers = OF_THE_BODY.reduce<readonly string[]>(withoutHeader, response.headers)
  return {
    ...response,
    headers: withHeader(headers, 'Content-Type', contentType),
    body: bodyOf(Buffer.from(text)),
  }
}
