import { builtins } from './builtins.ts'
import type { Func } from './func.ts'
import { func } from './func.ts'
import { certificates } from './sprig/certificates.ts'
import { crypto } from './sprig/crypto.ts'
import { dates } from './sprig/dates.ts'
import { defaults } from './sprig/defaults.ts'
import { dicts } from './sprig/dicts.ts'
import { encodings } from './sprig/encodings.ts'
import { lists } from './sprig/lists.ts'
import { math } from './sprig/math.ts'
import { paths } from './sprig/paths.ts'
import { regex } from './sprig/regex.ts'
import { semver } from './sprig/semver.ts'
import { strings } from './sprig/strings.ts'
import { system } from './sprig/system.ts'
import { urls } from './sprig/urls.ts'

/** What the functions take from outside. */
export type Surroundings = {
  readonly env: NodeJS.ProcessEnv
  readonly nowMs: () => number
  /** The text of a partial; the empty string when there is none of that name. */
  readonly include: (name: string) => string
}

/** Every function a template can call: Go's own, Sprig's GenericFuncMap, and KrakenD's `marshal` and `include`. */
export function functions({ env, nowMs, include }: Surroundings): ReadonlyMap<string, Func> {
  return new Map(
    Object.entries({
      ...builtins,
      ...strings,
      // Sprig's `slice` takes the place of Go's, as in KrakenD.
      ...lists,
      ...dicts,
      ...math,
      ...defaults,
      ...dates(nowMs),
      ...encodings,
      ...regex,
      ...paths,
      ...urls,
      ...semver,
      ...crypto,
      ...certificates(nowMs),
      ...system(env),
      include: func(['string'], include),
    }),
  )
}
