import { ConfigError } from '../../../errors.ts'
import { isObject } from '../../../pipe/is-object.ts'
import type { JsonValue } from '../../../pipe/pipe.ts'
import { body } from './kinds/body.ts'
import { cookieFilter, cookieModifier } from './kinds/cookie.ts'
import { fifoGroup, priorityGroup } from './kinds/group.ts'
import {
  headerAppend,
  headerBlacklist,
  headerCopy,
  headerFilter,
  headerId,
  headerModifier,
  headerRegexFilter,
} from './kinds/header.ts'
import { portFilter, portModifier } from './kinds/port.ts'
import { queryFilter, queryModifier } from './kinds/query.ts'
import { staticFiles } from './kinds/static.ts'
import { statusModifier } from './kinds/status.ts'
import { urlFilter, urlModifier, urlRegexFilter, urlStash } from './kinds/url.ts'
import { verifier } from './kinds/verifier.ts'
import type { Modifier } from './modifier.ts'
import { Settings } from './settings.ts'

/** Makes a modifier of its settings: with both sides that it supports. */
export type Kind = (settings: Settings) => Modifier

/** Every modifier, filter, group and verifier of the Community edition. */
export const KINDS = {
  'body.Modifier': body,
  'cookie.Modifier': cookieModifier,
  'cookie.Filter': cookieFilter,
  'fifo.Group': fifoGroup,
  'header.Modifier': headerModifier,
  'header.Append': headerAppend,
  'header.Copy': headerCopy,
  'header.Blacklist': headerBlacklist,
  'header.Id': headerId,
  'header.Filter': headerFilter,
  'header.RegexFilter': headerRegexFilter,
  'header.Verifier': verifier('call', 'answer'),
  'port.Modifier': portModifier,
  'port.Filter': portFilter,
  'priority.Group': priorityGroup,
  'querystring.Modifier': queryModifier,
  'querystring.Filter': queryFilter,
  'querystring.Verifier': verifier('call'),
  'stash.Modifier': urlStash,
  'static.Modifier': staticFiles,
  'status.Modifier': statusModifier,
  'status.Verifier': verifier('answer'),
  'url.Modifier': urlModifier,
  'url.Filter': urlFilter,
  'url.RegexFilter': urlRegexFilter,
  'url.Verifier': verifier('call'),
} as const satisfies Record<string, Kind>

/** Keys that are comments, under any of the accepted signs. */
const isComment = (key: string): boolean => /^[@$_#]/.test(key)

/** Deeper than any sensible tree of groups and filters. */
const MAX_DEPTH = 64

/** The modifier that `value` holds: an object with exactly one of `KINDS`. Throws a `ConfigError`. */
export function readModifier(value: JsonValue | undefined, path: string, depth = 0): Modifier {
  if (!isObject(value)) throw new ConfigError('a modifier is missing', { path })
  if (depth > MAX_DEPTH) throw new ConfigError(`nested deeper than ${MAX_DEPTH} levels`, { path })
  const names = Object.keys(value).filter((key) => !isComment(key))
  const [name] = names
  if (name === undefined || names.length > 1)
    throw new ConfigError([
      {
        place: { path },
        message: 'needs exactly one modifier',
        found: names.length === 0 ? 'none' : names.join(', '),
        allowed: 'a fifo.Group or priority.Group holds several',
      },
    ])
  if (!isKind(name))
    throw new ConfigError([
      {
        place: { path },
        message: 'an unknown modifier',
        found: JSON.stringify(name),
        allowed: Object.keys(KINDS).join(', '),
      },
    ])
  const values = value[name]
  const own = `${path}."${name}"`
  if (!isObject(values)) throw new ConfigError('must be an object', { path: own })
  const settings = new Settings(values, own, (nested, place) =>
    readModifier(nested, place, depth + 1),
  )
  return inScope(KINDS[name](settings), settings)
}

const SIDES = { request: 'call', response: 'answer' } as const

/** The sides that `scope` names; all that there are without it, none when it is empty. */
function inScope(modifier: Modifier, settings: Settings): Modifier {
  if (settings.value('scope') === undefined) return modifier
  const scoped: { call?: Modifier['call']; answer?: Modifier['answer'] } = {}
  for (const side of settings.texts('scope')) {
    if (side !== 'request' && side !== 'response')
      throw settings.wrong('scope', 'an unknown scope', 'request, response')
    if (modifier[SIDES[side]] === undefined)
      throw settings.wrong('scope', `this modifier cannot change a ${side}`)
    if (side === 'request') scoped.call = modifier.call
    else scoped.answer = modifier.answer
  }
  return scoped
}

const isKind = (name: string): name is keyof typeof KINDS => Object.hasOwn(KINDS, name)
