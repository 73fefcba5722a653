import type { JsonObject } from '../../../pipe/pipe.ts'

/** What tells the keys of a set apart, in a key and in a token's header alike. */
export type KeyStrategy = {
  ofKey(jwk: JsonObject): string
  ofToken(header: JsonObject): string
}

const own = (object: JsonObject, name: string): string => {
  const value = Object.hasOwn(object, name) ? object[name] : undefined
  return typeof value === 'string' ? value : ''
}
const kid = (object: JsonObject): string => own(object, 'kid')
/** A token without the thumbprint is looked up by its `kid`. */
const orKid =
  (name: string) =>
  (header: JsonObject): string =>
    own(header, name) || kid(header)

/** `key_identify_strategy`; a name that is not here is `kid`, as in KrakenD. */
const STRATEGIES: Readonly<Record<string, KeyStrategy>> = {
  kid: { ofKey: kid, ofToken: kid },
  x5t: { ofKey: (jwk) => own(jwk, 'x5t'), ofToken: orKid('x5t') },
  'x5t#S256': { ofKey: (jwk) => own(jwk, 'x5t#S256'), ofToken: orKid('x5t#S256') },
  kid_x5t: {
    ofKey: (jwk) => kid(jwk) + own(jwk, 'x5t'),
    ofToken: (header) => kid(header) + orKid('x5t')(header),
  },
}

/** Whether a strategy is one that is known. */
export const isStrategy = (name: string): boolean => Object.hasOwn(STRATEGIES, name)

/** The strategy of that name. */
export function keyStrategy(name: string): KeyStrategy {
  const known = isStrategy(name) ? STRATEGIES[name] : undefined
  return known ?? { ofKey: kid, ofToken: kid }
}
