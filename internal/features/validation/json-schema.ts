import { isTooDeep, scanJson } from '../../decode/json-scan.ts'
import { ConfigError, GatewayError } from '../../errors.ts'
import type { JsonValue, Pipe } from '../../pipe/pipe.ts'
import { type PipeFeature, pathOf } from '../feature.ts'
import { isKeywords } from './json-schema/dialect.ts'
import { type Validate, validator } from './json-schema/validator.ts'

const NAMESPACE = 'validation/json-schema'
const BAD_REQUEST = 400

/** `validation/json-schema`: lets only requests in whose body is JSON that follows the schema; others get 400. */
export const jsonSchema: PipeFeature = {
  namespace: NAMESPACE,
  prepare(config, place, scope) {
    const { method, endpoint } = place.endpoint
    const validate = compiled(config, pathOf(NAMESPACE, place), `${method} ${endpoint}`)
    return (next: Pipe): Pipe =>
      function validateBody(request, deadline) {
        return scope.holder.hold(request.body, deadline).then((body) => {
          const fault = bodyFault(body, validate)
          if (fault !== undefined)
            throw new GatewayError('component', { message: fault, status: BAD_REQUEST })
          return next({ ...request, body }, deadline)
        })
      }
  },
}

function compiled(config: JsonValue, path: string, owner: string): Validate {
  if (typeof config !== 'boolean' && !isKeywords(config))
    throw new ConfigError(`${owner}: a JSON Schema is an object or a boolean`, { path })
  try {
    return validator(config)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new ConfigError(`${owner}: ${reason}`, { path })
  }
}

function bodyFault(body: Buffer | undefined, validate: Validate): string | undefined {
  if (body === undefined || body.length === 0) return 'could not validate an empty body'
  if (isTooDeep(body)) return syntaxFault(body)
  let value: JsonValue
  try {
    value = JSON.parse(body.toString())
  } catch {
    // The scan words it as Go does.
    return syntaxFault(body)
  }
  return validate(value)
}

function syntaxFault(body: Buffer): string {
  const end = scanJson(body)
  return typeof end === 'string' ? end : 'invalid character after top-level value'
}
