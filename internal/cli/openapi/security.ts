import { type EndpointConfig, namespace } from '../../config/types.ts'
import type { JsonObject } from '../../pipe/pipe.ts'
import { textAt } from './read.ts'

const TOKEN = 'auth/validator'
const KEY = 'auth/api-keys'
const KEY_SCHEME = 'apiKey'
const TOKEN_SCHEME = 'bearerAuth'

/** The security schemes that some endpoint asks for. */
export function securitySchemes(
  endpoints: readonly EndpointConfig[],
  tokenScheme: string | undefined,
): JsonObject {
  const asks = (name: string) =>
    endpoints
      .map(({ extraConfig }) => namespace(extraConfig, name))
      .find((each) => each !== undefined)
  const keys = asks(KEY)
  return {
    ...(asks(TOKEN) === undefined
      ? {}
      : { [tokenScheme ?? TOKEN_SCHEME]: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } }),
    ...(keys === undefined ? {} : { [KEY_SCHEME]: keyScheme(keys) }),
  }
}

const keyScheme = (keys: JsonObject): JsonObject => ({
  type: 'apiKey',
  in: textAt(keys, 'strategy') === 'query_string' ? 'query' : 'header',
  name: textAt(keys, 'identifier') ?? 'Authorization',
})

/** What one endpoint asks for; `undefined` when nothing. */
export function securityOf(
  { extraConfig }: EndpointConfig,
  tokenScheme: string | undefined,
): JsonObject[] | undefined {
  const all = {
    ...(namespace(extraConfig, TOKEN) === undefined ? {} : { [tokenScheme ?? TOKEN_SCHEME]: [] }),
    ...(namespace(extraConfig, KEY) === undefined ? {} : { [KEY_SCHEME]: [] }),
  }
  return Object.keys(all).length === 0 ? undefined : [all]
}
