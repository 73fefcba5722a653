import { readFileSync } from 'node:fs'
import { optionsOf } from '../../../config/options.ts'
import { ConfigError } from '../../../errors.ts'
import { capitalised } from '../../../pipe/params.ts'
import type { JsonObject, JsonValue } from '../../../pipe/pipe.ts'

/** What a backend asks of its GraphQL upstream, as configured. */
export type Operation = {
  readonly type: 'query' | 'mutation'
  readonly method: 'GET' | 'POST'
  readonly query: string
  /** `''` for none. */
  readonly name: string
  readonly variables: JsonObject
  /** Variables that take a parameter of the request: name of the variable, inner name of the parameter. */
  readonly fromParams: readonly (readonly [string, string])[]
}

/** Told about a value that is accepted and does not do what it seems to. */
export type Warn = (key: string, message: string) => void

/** Reads the configuration at `path`; `undefined` when it switches nothing on, as in KrakenD. */
export function operationOf(config: JsonValue, path: string, warn: Warn): Operation | undefined {
  const options = optionsOf(config, path)
  const type = options.text('type').toLowerCase()
  if (type !== 'query' && type !== 'mutation') {
    warn(
      'type',
      `is ${JSON.stringify(options.text('type'))}, neither query nor mutation: this backend is called plainly`,
    )
    return undefined
  }
  const method = options.text('method').toUpperCase()
  if (method !== '' && method !== 'GET' && method !== 'POST')
    warn(
      'method',
      `is ${JSON.stringify(options.text('method'))}, neither GET nor POST: POST is used`,
    )
  const variables = options.object('variables')
  return {
    type,
    method: method === 'GET' ? 'GET' : 'POST',
    query: queryOf(options.text('query'), options.text('query_path'), path),
    name: options.text('operationName'),
    variables,
    fromParams: placeholders(variables),
  }
}

function queryOf(query: string, file: string, path: string): string {
  if (file === '') {
    if (query === '')
      throw new ConfigError('neither query nor query_path says what to ask', { path })
    return query
  }
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw new ConfigError(`cannot be read: ${error instanceof Error ? error.message : error}`, {
      path: `${path}.query_path`,
    })
  }
}

/** Only texts that are a placeholder as a whole, and only at the first level, as in KrakenD. */
const placeholders = (variables: JsonObject): (readonly [string, string])[] =>
  Object.entries(variables).flatMap(([variable, value]) =>
    typeof value === 'string' && /^\{.+\}$/s.test(value)
      ? [[variable, capitalised(value.slice(1, -1))] as const]
      : [],
  )
