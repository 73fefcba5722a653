import type { GatewayError } from '../../../errors.ts'
import { toGatewayError } from '../../../errors.ts'
import type { Deadline } from '../../../pipe/deadline.ts'
import type { JsonValue } from '../../../pipe/pipe.ts'
import type { Scope } from '../../feature.ts'
import type { Kind } from './api/api.ts'
import { HTTP_RESPONSE } from './api/http-response.ts'
import { LUA_LIST, LUA_NIL } from './api/lua-list.ts'
import { LUA_TABLE } from './api/lua-table.ts'
import { liveSources, type Part, type Parts, partsOf } from './chunks.ts'
import { Execution, type Language } from './execution.ts'
import { SyntaxProblem } from './language/syntax-error.ts'
import { CLOSED_LIBRARIES, OPEN_LIBRARIES } from './library/globals.ts'
import { type LuaSettings, luaSettings } from './settings.ts'

const ALL_KINDS: readonly Kind[] = [LUA_TABLE, LUA_LIST, LUA_NIL, HTTP_RESPONSE]

export type ScriptPlace = {
  /** Where the namespace stands. */
  readonly path: string
  /** As log lines name it. */
  readonly prefix: string
  /** What the scripts of this namespace can load. */
  readonly kinds: readonly Kind[]
}

/** The scripts of one namespace, ready to run. */
export type Script = {
  readonly settings: LuaSettings
  readonly parts: Parts
  /** Begins an execution. */
  start(deadline: Deadline): Execution
  /** Throws a `GatewayError` when a source of a `live` script cannot be read. */
  sources(): Part
}

/** Compiles a namespace. Throws a `ConfigError`; a script that is no Lua is a warning, since KrakenD starts with it. */
export function script(config: JsonValue, place: ScriptPlace, scope: Scope): Script {
  const settings = luaSettings(config, place.path)
  const parts = partsOf(settings)
  warnOfSyntax(parts, place, scope)
  const live = settings.isLive ? liveSources(settings) : undefined
  const kinds = new Map([...ALL_KINDS, ...place.kinds].map((kind) => [kind.name, kind]))
  const language: Language = {
    libraries: settings.hasOpenLibs ? OPEN_LIBRARIES : CLOSED_LIBRARIES,
    kinds,
    names: [...kinds.keys(), 'custom_error'],
    hasOpenLibs: settings.hasOpenLibs,
    print: (line) => scope.log.info(place.prefix, line),
  }
  return {
    settings,
    parts,
    start: (deadline) =>
      new Execution(language, { client: scope.client, deadline, maxBytes: scope.maxDecodeBytes }),
    sources: () => (live === undefined ? parts.sources : readable(live)),
  }
}

function readable(live: () => Part): Part {
  try {
    return live()
  } catch (problem) {
    throw toGatewayError(problem, 'component') satisfies GatewayError
  }
}

function warnOfSyntax(parts: Parts, { path }: ScriptPlace, { log }: Scope): void {
  for (const [key, part] of Object.entries(parts))
    if (part?.code instanceof SyntaxProblem) {
      const where = part.chunk.place(part.code.line)
      log.warning(
        `${path}.${key}: ${part.code.message} (${where}): every request that meets this script fails`,
      )
    }
}
