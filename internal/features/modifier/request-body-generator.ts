import { withHeader, withoutHeader } from '../../pipe/headers.ts'
import type { Decorator, JsonValue, Pipe } from '../../pipe/pipe.ts'
import {
  type BackendFeature,
  type BackendPlace,
  type EndpointPlace,
  type PipeFeature,
  pathOf,
  type Scope,
} from '../feature.ts'
import { bodyTemplate } from './body-generator/body-template.ts'
import { bodyData, requestData } from './body-generator/request-data.ts'

const NAMESPACE = 'modifier/request-body-generator'

/** `modifier/request-body-generator` of an endpoint: a Go template writes the body that all its backends get. */
export const requestBody: PipeFeature = {
  namespace: NAMESPACE,
  prepare: generator,
}

/** The same for one backend. */
export const backendRequestBody: BackendFeature = {
  namespace: NAMESPACE,
  prepare: generator,
}

function generator(
  config: JsonValue,
  place: EndpointPlace | BackendPlace,
  { holder, log, now }: Scope,
): Decorator<Pipe> {
  const path = pathOf(NAMESPACE, place)
  const template = bodyTemplate(config, path, now)
  return (next) =>
    async function generateRequestBody(request, deadline) {
      const held = await holder.hold(request.body, deadline)
      const data = { ...requestData(request), req_body: bodyData(held) }
      if (template.debug) log.debug(`[${path}]`, JSON.stringify(data))
      const headers = withoutHeader(
        withoutHeader(request.headers, 'content-length'),
        'content-encoding',
      )
      return next(
        {
          ...request,
          headers: withHeader(headers, 'Content-Type', template.contentType),
          body: Buffer.from(template.render(data)),
        },
        deadline,
      )
    }
}
