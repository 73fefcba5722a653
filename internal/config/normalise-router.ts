import { canonicalHeader } from '../pipe/headers.ts'
import { isObject } from '../pipe/is-object.ts'
import type { JsonObject, JsonValue } from '../pipe/pipe.ts'
import type { RouterConfig } from './types.ts'

type Type = 'boolean' | 'string' | 'number' | 'strings'
/** Options that KrakenD applies together: one of a wrong type, and none of them counts. */
const ENGINE: Readonly<Record<string, Type>> = {
  disable_redirect_trailing_slash: 'boolean',
  disable_redirect_fixed_path: 'boolean',
  disable_handle_method_not_allowed: 'boolean',
  forwarded_by_client_ip: 'boolean',
  remote_ip_headers: 'strings',
  trusted_proxies: 'strings',
  app_engine: 'boolean',
  max_multipart_memory: 'number',
  remove_extra_slash: 'boolean',
  logger_skip_paths: 'strings',
  return_error_msg: 'boolean',
  hide_version_header: 'boolean',
  use_h2c: 'boolean',
}
/** Options of the same block that count each by itself. */
const SINGLE: Readonly<Record<string, Type>> = {
  auto_options: 'boolean',
  disable_health: 'boolean',
  health_path: 'string',
  disable_access_log: 'boolean',
  disable_path_decoding: 'boolean',
}
const HEALTH_PATH = '/__health'
/** gin's defaults. */
const REMOTE_IP_HEADERS = ['X-Forwarded-For', 'X-Real-Ip']
const EVERYBODY = ['0.0.0.0/0', '::/0']

/** Keys of the router block whose value has an impossible type, and whether all engine options are lost to one. */
export function wrongRouterTypes(
  router: JsonObject,
): { readonly key: string; readonly isEngine: boolean }[] {
  return Object.keys(router).flatMap((key) => {
    const name = key.toLowerCase()
    const type = Object.hasOwn(ENGINE, name)
      ? ENGINE[name]
      : Object.hasOwn(SINGLE, name)
        ? SINGLE[name]
        : undefined
    const value = router[key]
    if (type === undefined || value === undefined || value === null || isOf(value, type)) return []
    return [{ key, isEngine: Object.hasOwn(ENGINE, name) }]
  })
}

/** The `router` namespace of the service with every default. */
export function normaliseRouter(written: JsonObject | undefined): RouterConfig {
  const router = lowerCaseKeys(written ?? {})
  const isBroken = wrongRouterTypes(router).length > 0
  const engine = isBroken ? {} : router
  const errorBody = router.error_body
  const bodies = isObject(errorBody) ? errorBody : {}
  return {
    // The one option that KrakenD knows by its exact name only.
    autoOptions: flag(written ?? {}, 'auto_options'),
    errorBody404: bodies['404'] ?? undefined,
    errorBody405: bodies['405'] ?? undefined,
    returnErrorMsg: flag(engine, 'return_error_msg'),
    hideVersionHeader: flag(engine, 'hide_version_header'),
    disableHealth: flag(router, 'disable_health'),
    healthPath: text(router.health_path) || HEALTH_PATH,
    loggerSkipPaths: strings(engine.logger_skip_paths),
    disableAccessLog: flag(router, 'disable_access_log'),
    disablePathDecoding: flag(router, 'disable_path_decoding'),
    redirectTrailingSlash: !flag(engine, 'disable_redirect_trailing_slash'),
    redirectFixedPath: !flag(engine, 'disable_redirect_fixed_path'),
    handleMethodNotAllowed: !flag(engine, 'disable_handle_method_not_allowed'),
    forwardedByClientIp: engine.forwarded_by_client_ip !== false,
    remoteIpHeaders: orElse(
      strings(engine.remote_ip_headers).map(canonicalHeader),
      REMOTE_IP_HEADERS,
    ),
    trustedProxies: orElse(strings(engine.trusted_proxies), EVERYBODY),
    appEngine: flag(engine, 'app_engine'),
    removeExtraSlash: flag(engine, 'remove_extra_slash'),
    useH2c: flag(engine, 'use_h2c'),
  }
}

/** KrakenD reads these keys in any case; the exact name wins. */
function lowerCaseKeys(router: JsonObject): JsonObject {
  const lowered = Object.entries(router).map(([key, value]): [string, JsonValue] => [
    key.toLowerCase(),
    value,
  ])
  return Object.fromEntries([...lowered, ...Object.entries(router)])
}

function flag(object: JsonObject, key: string): boolean {
  return object[key] === true
}

function text(value: JsonValue | undefined): string {
  return typeof value === 'string' ? value : ''
}

function strings(value: JsonValue | undefined): string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : []
}

function orElse(list: string[], otherwise: readonly string[]): readonly string[] {
  return list.length === 0 ? otherwise : list
}

function isOf(value: JsonValue, type: Type): boolean {
  if (type !== 'strings') return typeof value === type
  return Array.isArray(value) && value.every((item) => typeof item === 'string' || item === null)
}
