import { type EndpointConfig, namespace } from '../../config/types.ts'
import type { JsonObject, JsonValue } from '../../pipe/pipe.ts'
import { isObject, objectAt, objectsAt, textAt, textsAt, without } from './read.ts'
import { securityOf } from './security.ts'

export type OperationOptions = {
  /** The endpoint's `documentation/openapi`. */
  readonly about: JsonObject
  readonly tokenScheme: string | undefined
  readonly hasJsonSchemas: boolean
}

const TEXT: JsonObject = { type: 'string' }
/** What endpoints answer with, by their `output_encoding`. */
const MEDIA_TYPES: Readonly<Record<string, string>> = {
  string: 'text/plain',
  xml: 'application/xml',
  yaml: 'application/yaml',
  'no-op': '*/*',
}

/** One endpoint as an OpenAPI operation. */
export function operationOf(endpoint: EndpointConfig, options: OperationOptions): JsonObject {
  const { about, tokenScheme } = options
  return without({
    operationId: textAt(about, 'operation_id'),
    summary: textAt(about, 'summary'),
    description: textAt(about, 'description'),
    tags: 'tags' in about ? textsAt(about, 'tags') : undefined,
    parameters: parametersOf(endpoint, about),
    requestBody: requestBodyOf(endpoint, options),
    responses: responsesOf(endpoint, about),
    security: securityOf(endpoint, tokenScheme),
  })
}

function parametersOf(endpoint: EndpointConfig, about: JsonObject): JsonValue[] | undefined {
  const inPath = [...endpoint.endpoint.matchAll(/\{([^{}/]+)\}/g)].map(([, name]) => name as string)
  const wildcard = endpoint.endpoint.endsWith('/*') ? ['wildcard'] : []
  const listed = (names: readonly string[]) => names.filter((name) => name !== '*')
  const parameters = [
    ...described('path', [...inPath, ...wildcard], about, 'param_definition', true),
    ...described('query', listed(endpoint.inputQueryStrings), about, 'query_definition', false),
    ...described('header', listed(endpoint.inputHeaders), about, 'header_definition', false),
  ]
  return parameters.length === 0 ? undefined : parameters
}

/** Parameters of one kind, with what the documentation says of each by its name. */
function described(
  kind: 'path' | 'query' | 'header',
  names: readonly string[],
  about: JsonObject,
  key: string,
  isRequired: boolean,
): JsonObject[] {
  const definitions = objectsAt(about, key)
  return names.map((name) => {
    const own = definitions.find(
      (each) => textAt(each, 'name')?.toLowerCase() === name.toLowerCase(),
    )
    return without({
      name,
      in: kind,
      required: isRequired || own?.['required'] === true,
      description: own && textAt(own, 'description'),
      schema: (own && objectAt(own, 'schema')) ?? TEXT,
      example: own?.['example'],
    })
  })
}

function requestBodyOf(
  { method, extraConfig }: EndpointConfig,
  { about, hasJsonSchemas }: OperationOptions,
): JsonObject | undefined {
  if (method === 'GET' || method === 'HEAD') return undefined
  const definitions = objectsAt(about, 'request_definition')
  const schema = hasJsonSchemas ? namespace(extraConfig, 'validation/json-schema') : undefined
  if (definitions.length === 0)
    return schema && { required: true, content: { 'application/json': { schema } } }
  const [first] = definitions
  return without({
    description: first && textAt(first, 'description'),
    content: Object.fromEntries(
      definitions.map((each) => contentOf(each, 'application/json', schema)),
    ),
  })
}

function responsesOf(endpoint: EndpointConfig, about: JsonObject): JsonObject {
  const type = MEDIA_TYPES[endpoint.outputEncoding] ?? 'application/json'
  const definitions = Object.entries(objectAt(about, 'response_definition') ?? {}).filter(
    (entry): entry is [string, JsonObject] =>
      /^(?:[1-5]\d\d|default)$/.test(entry[0]) && isObject(entry[1]),
  )
  if (definitions.length > 0)
    return Object.fromEntries(
      definitions.map(([status, each]) => [
        status,
        {
          description: textAt(each, 'description') ?? '',
          content: Object.fromEntries([contentOf(each, type, undefined)]),
        },
      ]),
    )
  const example = about['example']
  return {
    '200': { description: 'OK', content: { [type]: example === undefined ? {} : { example } } },
  }
}

/** Media type and content of a definition: its schema, a shared one (`ref`), or an example. */
function contentOf(
  definition: JsonObject,
  byDefault: string,
  schema: JsonObject | undefined,
): [string, JsonObject] {
  const ref = textAt(definition, 'ref')
  const shared = ref && { $ref: ref.startsWith('#') ? ref : `#/components/schemas/${ref}` }
  return [
    textAt(definition, 'content_type') ?? byDefault,
    without({
      schema:
        shared ||
        objectAt(definition, 'example_schema') ||
        objectAt(definition, 'schema') ||
        schema,
      example: definition['example'],
    }),
  ]
}
