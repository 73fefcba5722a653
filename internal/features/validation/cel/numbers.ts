import { type BackendConfig, type EndpointConfig, namespace } from '../../../config/types.ts'
import type { NumbersOf } from './bindings.ts'
import type { Numbers } from './maps.ts'

export type { NumbersOf } from './bindings.ts'

/** Answers of functions are read as doubles by KrakenD; every decoder keeps numbers as text. */
const DOUBLES = 'backend/lambda'

/** How numbers look to expressions of a backend. */
export function numbersOfBackend({ extraConfig }: BackendConfig): NumbersOf {
  const numbers: Numbers = extraConfig[DOUBLES] === undefined ? 'text' : 'double'
  return () => numbers
}

/** The same for an endpoint, where static data of the configuration are doubles. */
export function numbersOfEndpoint({ extraConfig, backends }: EndpointConfig): NumbersOf {
  const proxy = namespace(extraConfig, 'proxy') ?? {}
  const { data } = namespace({ static: proxy['static'] ?? null }, 'static') ?? {}
  const fixed = namespace({ data: data ?? null }, 'data') ?? {}
  const isLambda = backends.every((backend) => backend.extraConfig[DOUBLES] !== undefined)
  return (key, value) =>
    isLambda || (Object.hasOwn(fixed, key) && fixed[key] === value) ? 'double' : 'text'
}
