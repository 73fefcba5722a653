import { isObject } from '../../../pipe/is-object.ts'
import type { JsonObject, JsonValue } from '../../../pipe/pipe.ts'

/** Finds one claim in a token's claims; `undefined` without it. Inherited properties are none. */
export type ClaimOf = (claims: JsonObject) => JsonValue | undefined

/** The claim of exactly that name. */
export const claimNamed =
  (name: string): ClaimOf =>
  (claims) =>
    Object.hasOwn(claims, name) ? claims[name] : undefined

/** The claim at a dotted path into objects. */
export function claimAt(path: string): ClaimOf {
  const names = path.split('.')
  return function nestedClaim(claims) {
    let value: JsonValue | undefined = claims
    for (const name of names) {
      if (!isObject(value) || !Object.hasOwn(value, name)) return undefined
      value = value[name]
    }
    return value
  }
}

/** Names that look like URLs hold dots and are no paths. */
export const looksNested = (name: string): boolean => name.includes('.') && !name.startsWith('http')
