import { asObject, parseJson } from '../../decode/json.ts'
import { goJson } from '../../encode/go-json.ts'
import { GatewayError } from '../../errors.ts'
import type { Deadline } from '../../pipe/deadline.ts'
import { withHeader, withoutHeader } from '../../pipe/headers.ts'
import type { BodyHolder } from '../../pipe/hold-body.ts'
import type { JsonObject, JsonValue, Params, ProxyRequest } from '../../pipe/pipe.ts'
import { encodeQuery } from '../../pipe/query.ts'
import { type BackendFeature, pathOf } from '../feature.ts'
import { type Operation, operationOf } from './graphql/operation.ts'

const NAMESPACE = 'backend/graphql'

/**
 * `backend/graphql`: makes a GraphQL call of a REST request. A query takes parameters of the request as variables,
 * a mutation the fields of its JSON body. With GET everything goes into the query string.
 */
export const graphql: BackendFeature = {
  namespace: NAMESPACE,
  prepare(config, place, scope) {
    const path = pathOf(NAMESPACE, place)
    const operation = operationOf(config, path, (key, message) =>
      scope.log.warning(`${path}.${key} ${message}`),
    )
    if (operation === undefined) return undefined
    const apply = operation.method === 'GET' ? inQuery(operation) : inBody(operation)
    if (operation.type === 'mutation') {
      return (next) =>
        async function mutate(request, deadline) {
          const fields = await bodyFields(request, deadline, scope.holder)
          return next(apply(request, { ...operation.variables, ...fields }), deadline)
        }
    }
    const variablesOf = queryVariables(operation)
    return (next) =>
      function query(request, deadline) {
        return next(apply(request, variablesOf(request.params)), deadline)
      }
  },
}

type Apply = (request: ProxyRequest, variables: JsonObject) => ProxyRequest

function inBody(operation: Operation): Apply {
  const write = withVariables(operation)
  return (request, variables) => ({
    ...jsonRequest(request, 'POST'),
    body: Buffer.from(write(variables)),
  })
}

function inQuery({ query, name }: Operation): Apply {
  const fixed = ['query', query, ...(name === '' ? [] : ['operationName', name])]
  return (request, variables) => {
    const list = isEmpty(variables) ? fixed : [...fixed, 'variables', goJson(variables)]
    const { path } = request
    const separator = !path.includes('?') ? '?' : /[?&]$/.test(path) ? '' : '&'
    return {
      ...jsonRequest(request, 'GET'),
      path: `${path}${separator}${encodeQuery(list)}`,
      body: undefined,
    }
  }
}

const jsonRequest = (request: ProxyRequest, method: string): ProxyRequest => ({
  ...request,
  method,
  headers: withHeader(
    withoutHeader(request.headers, 'content-length'),
    'Content-Type',
    'application/json',
  ),
})

/** The body around its variables, which are all that differs between requests. */
function withVariables({ query, name }: Operation): (variables: JsonObject) => string {
  const fields = [
    `"query":${goJson(query)}`,
    ...(name === '' ? [] : [`"operationName":${goJson(name)}`]),
  ]
  const start = `{${fields.join(',')}`
  return (variables) =>
    isEmpty(variables) ? `${start}}` : `${start},"variables":${goJson(variables)}}`
}

/** Parameters that a request does not have are empty texts, as in KrakenD. */
function queryVariables({ variables, fromParams }: Operation): (params: Params) => JsonObject {
  if (fromParams.length === 0) return () => variables
  return (params) => ({
    ...variables,
    ...Object.fromEntries(fromParams.map(([variable, param]) => [variable, params[param] ?? ''])),
  })
}

const parse = parseJson({ exactSpelling: false })

/** The fields of a request's body, which must be one JSON object. */
async function bodyFields(
  request: ProxyRequest,
  deadline: Deadline,
  holder: BodyHolder,
): Promise<JsonObject> {
  const bytes = await holder.hold(request.body, deadline)
  if (bytes === undefined || bytes.length === 0) throw unreadable('unexpected end of JSON input')
  const { value, isAlone } = parse(bytes)
  if (!isAlone) throw unreadable('the body is not one JSON value')
  if (value === null) return {}
  const fields = asObject(value)
  if (fields === undefined)
    throw unreadable(
      `json: cannot unmarshal ${jsonKind(value)} into Go value of type map[string]interface {}`,
    )
  return fields
}

const unreadable = (message: string): GatewayError => new GatewayError('component', { message })

/** In the words of Go's decoder, which clients see with `return_error_msg`. */
const jsonKind = (value: JsonValue): string =>
  Array.isArray(value)
    ? 'array'
    : typeof value === 'boolean'
      ? 'bool'
      : typeof value === 'string'
        ? 'string'
        : 'number'

const isEmpty = (object: JsonObject): boolean => {
  for (const _key in object) return false
  return true
}
