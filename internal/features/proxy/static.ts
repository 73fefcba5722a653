import { namespace } from '../../config/types.ts'
import { rawNumber } from '../../decode/numbers.ts'
import type { GatewayError } from '../../errors.ts'
import { toGatewayError } from '../../errors.ts'
import { goDouble } from '../../pipe/go-double.ts'
import { isObject } from '../../pipe/is-object.ts'
import { NO_DATA } from '../../pipe/no-data.ts'
import type { DataResponse, JsonObject, JsonValue, ProxyResponse } from '../../pipe/pipe.ts'
import type { PipeFeature } from '../feature.ts'

/** When static data is added, by what became of the answer. */
const STRATEGIES = {
  always: () => true,
  success: (_response, error) => error === undefined,
  errored: (_response, error) => error !== undefined,
  complete: (response, error) => error === undefined && response?.isComplete === true,
  incomplete: (response) => response === undefined || !response.isComplete,
} as const satisfies Record<
  string,
  (response: ProxyResponse | undefined, error: GatewayError | undefined) => boolean
>

const isStrategy = (name: unknown): name is keyof typeof STRATEGIES =>
  typeof name === 'string' && Object.hasOwn(STRATEGIES, name)

/**
 * `proxy.static`: writes fixed data over the answer, or in place of one. A failure with static data becomes an
 * incomplete answer; beside a stream (`no-op`) nobody writes it.
 */
export const staticData: PipeFeature = {
  namespace: 'proxy',
  prepare(config, { endpoint }) {
    const { data, strategy } =
      namespace({ static: (config as JsonObject)['static'] ?? null }, 'static') ?? {}
    if (!isObject(data)) return undefined
    const written = asGoPrints(data, endpoint.outputEncoding)
    const applies = STRATEGIES[isStrategy(strategy) ? strategy : 'always']
    return (next) =>
      async function addStaticData(request, deadline) {
        let response: ProxyResponse | undefined
        let error: GatewayError | undefined
        try {
          response = await next(request, deadline)
          error = response.errors[0]
        } catch (thrown) {
          error = toGatewayError(thrown)
        }
        if (applies(response, error)) return withData(response, written, error)
        if (response === undefined) throw error
        return response
      }
  },
}

/** Numbers of the configuration are doubles to KrakenD: outside JSON it prints them as Go prints those. */
function asGoPrints(data: JsonObject, encoding: string): JsonObject {
  if (encoding !== 'xml' && encoding !== 'yaml') return data
  const isYaml = encoding === 'yaml'
  const printed = (value: JsonValue): JsonValue => {
    if (Array.isArray(value)) return value.map(printed)
    if (isObject(value)) return fieldsOf(value)
    if (typeof value !== 'number') return value
    const text = goDouble(value)
    return rawNumber(isYaml && /^-?\d+$/.test(text) ? `${text}.0` : text)
  }
  const fieldsOf = (fields: JsonObject): JsonObject =>
    Object.fromEntries(Object.entries(fields).map(([key, value]) => [key, printed(value)]))
  return fieldsOf(data)
}

function withData(
  response: ProxyResponse | undefined,
  data: JsonObject,
  error: GatewayError | undefined,
): ProxyResponse {
  if (response?.kind === 'stream')
    return Object.keys(data).length === 0 ? response : { ...response, hasData: true }
  const before: DataResponse = response ?? {
    ...NO_DATA,
    errors: error === undefined ? [] : [error],
  }
  return { ...before, data: { ...before.data, ...data }, sources: [] }
}
