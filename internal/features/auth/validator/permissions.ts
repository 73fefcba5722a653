import type { Options } from '../../../config/options.ts'
import type { JsonObject, JsonValue } from '../../../pipe/pipe.ts'
import { type ClaimOf, claimAt, claimNamed, looksNested } from './claim-path.ts'

/** Whether a token's claims allow what the endpoint asks for. */
export type Permits = (claims: JsonObject) => boolean

/** `roles`: one of them is enough. `undefined` when none is asked for. */
export function rolesPermit(options: Options): Permits | undefined {
  const roles = new Set(options.texts('roles'))
  if (roles.size === 0) return undefined
  const key = options.text('roles_key') || 'roles'
  const claim =
    options.flag('roles_key_is_nested') && looksNested(key) ? claimAt(key) : claimNamed(key)
  return (claims) => wordsOf(claim, claims).some((role) => roles.has(role))
}

/** `scopes`: one of them, or all with `scopes_matcher: "all"`. Without `scopes_key` KrakenD checks none. */
export function scopesPermit(options: Options): Permits | undefined {
  const scopes = options.texts('scopes')
  const key = options.text('scopes_key')
  if (scopes.length === 0 || key === '') return undefined
  const claim = key.includes('.') ? claimAt(key) : claimNamed(key)
  const needsAll = options.text('scopes_matcher') === 'all'
  return (claims) => {
    const given = wordsOf(claim, claims)
    return needsAll
      ? scopes.every((scope) => given.includes(scope))
      : scopes.some((scope) => given.includes(scope))
  }
}

/** A list's texts, or a text's words between single blanks; anything else grants nothing. */
function wordsOf(claim: ClaimOf, claims: JsonObject): readonly string[] {
  const value: JsonValue | undefined = claim(claims)
  if (typeof value === 'string') return value.split(' ')
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : []
}
