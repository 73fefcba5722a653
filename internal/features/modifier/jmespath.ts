import { asObject } from '../../decode/json.ts'
import { ConfigError, GatewayError } from '../../errors.ts'
import type { DataResponse, Decorator, JsonObject, JsonValue, Pipe } from '../../pipe/pipe.ts'
import {
  type BackendFeature,
  type BackendPlace,
  type EndpointPlace,
  type PipeFeature,
  pathOf,
} from '../feature.ts'
import { jmespath, type Search } from './jmespath/compile.ts'

const NAMESPACE = 'modifier/jmespath'

/** `modifier/jmespath` of an endpoint: what an expression finds in the merged answer takes its place. */
export const jmespathOfEndpoint: PipeFeature = {
  namespace: NAMESPACE,
  prepare: (config, place) => searching(config, place),
}

/** The same for one backend, before its part is merged. */
export const jmespathOfBackend: BackendFeature = {
  namespace: NAMESPACE,
  prepare: (config, place) => searching(config, place),
}

function searching(config: JsonValue, place: EndpointPlace | BackendPlace): Decorator<Pipe> {
  const search = searchOf(config, pathOf(NAMESPACE, place))
  return (next) =>
    async function searchAnswer(request, deadline) {
      const response = await next(request, deadline)
      return response.kind === 'stream' ? response : found(response, search)
    }
}

function searchOf(config: JsonValue, path: string): Search {
  const expr =
    typeof config === 'object' && config !== null && !Array.isArray(config) ? config['expr'] : null
  if (typeof expr !== 'string')
    throw new ConfigError('must be an expression', { path: `${path}.expr` })
  try {
    return jmespath(expr)
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    throw new ConfigError([{ place: { path: `${path}.expr` }, message, found: expr }])
  }
}

function found(response: DataResponse, search: Search): DataResponse {
  try {
    return { ...response, data: dataOf(search(response.data)), sources: [] }
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    throw new GatewayError('component', { message: `[JMESPath] ${message}` })
  }
}

/** Answers are objects: a list stands under `collection`, any other value under `content`. */
function dataOf(value: JsonValue): JsonObject {
  if (value === null) return {}
  if (Array.isArray(value)) return { collection: value }
  return asObject(value) ?? { content: value }
}
