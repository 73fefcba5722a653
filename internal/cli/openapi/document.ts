import { type EndpointConfig, namespace, type ServiceConfig } from '../../config/types.ts'
import type { JsonObject, JsonValue } from '../../pipe/pipe.ts'
import { operationOf } from './operation.ts'
import { listAt, objectAt, textAt, textsAt, without } from './read.ts'
import { securitySchemes } from './security.ts'

export type ExportOptions = {
  /** Only endpoints for one of these; all when empty. */
  readonly audiences: readonly string[]
  /** With the schemas of `validation/json-schema`. */
  readonly hasJsonSchemas: boolean
}

const OPENAPI = '3.0.3'
const NAMESPACE = 'documentation/openapi'
const NOTHING: JsonObject = {}

/** A configuration as an OpenAPI 3 document. */
export function openApiDocument(config: ServiceConfig, options: ExportOptions): JsonObject {
  const about = namespace(config.extraConfig, NAMESPACE) ?? NOTHING
  const endpoints = config.endpoints.filter((endpoint) => isFor(endpoint, options.audiences))
  return without({
    openapi: OPENAPI,
    info: infoOf(about, config),
    servers: serversOf(about),
    tags: listAt(about, 'tags'),
    paths: pathsOf(endpoints, about, options),
    components: componentsOf(endpoints, about),
  })
}

function isFor({ extraConfig }: EndpointConfig, audiences: readonly string[]): boolean {
  if (audiences.length === 0) return true
  const own = textsAt(namespace(extraConfig, NAMESPACE) ?? NOTHING, 'audience')
  return own.some((each) => audiences.includes(each))
}

const infoOf = (about: JsonObject, config: ServiceConfig): JsonObject =>
  without({
    title: textAt(about, 'title') ?? (config.name === '' ? 'API' : config.name),
    version: textAt(about, 'version') ?? '0.0.0',
    description: textAt(about, 'description'),
    termsOfService: textAt(about, 'terms_of_service'),
    contact: orNothing({
      name: textAt(about, 'contact_name'),
      url: textAt(about, 'contact_url'),
      email: textAt(about, 'contact_email'),
    }),
    license:
      textAt(about, 'license_name') === undefined
        ? undefined
        : without({ name: textAt(about, 'license_name'), url: textAt(about, 'license_url') }),
  })

/** `servers` as it stands, or what `schemes`, `host` and `base_path` say. */
function serversOf(about: JsonObject): JsonValue | undefined {
  const servers = listAt(about, 'servers')
  if (servers !== undefined) return servers
  const path = textAt(about, 'base_path') ?? ''
  const host = textAt(about, 'host')
  if (host === undefined) return path === '' ? undefined : [{ url: path }]
  const schemes = textsAt(about, 'schemes')
  return (schemes.length === 0 ? ['https'] : schemes).map((scheme) => ({
    url: `${scheme}://${host}${path}`,
  }))
}

function pathsOf(
  endpoints: readonly EndpointConfig[],
  about: JsonObject,
  options: ExportOptions,
): JsonObject {
  const paths = new Map<string, JsonObject>()
  for (const endpoint of endpoints) {
    const path = pathOf(endpoint.endpoint)
    const operation = operationOf(endpoint, {
      about: namespace(endpoint.extraConfig, NAMESPACE) ?? NOTHING,
      tokenScheme: textAt(about, 'jwt_key'),
      hasJsonSchemas: options.hasJsonSchemas,
    })
    paths.set(path, { ...paths.get(path), [endpoint.method.toLowerCase()]: operation })
  }
  return Object.fromEntries(paths)
}

/** OpenAPI has no wildcards: the rest of the path is a parameter like the others. */
const pathOf = (endpoint: string): string => endpoint.replace(/\/\*$/, '/{wildcard}')

function componentsOf(
  endpoints: readonly EndpointConfig[],
  about: JsonObject,
): JsonObject | undefined {
  return orNothing({
    schemas: objectAt(about, 'component_schemas'),
    securitySchemes: orNothing(securitySchemes(endpoints, textAt(about, 'jwt_key'))),
  })
}

function orNothing(parts: {
  readonly [name: string]: JsonValue | undefined
}): JsonObject | undefined {
  const object = without(parts)
  return Object.keys(object).length === 0 ? undefined : object
}
