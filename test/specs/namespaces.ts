import type { JsonValue } from '../../internal/pipe/pipe.ts'
import type { Spec } from './spec.ts'

/** Names from before KrakenD 2, with dots or with underscores, and what they are called now. */
const OLD_NAMES: Readonly<Record<string, string>> = {
  'devopsfaith/krakend-cel': 'validation/cel',
  'devopsfaith/krakend-cors': 'security/cors',
  'devopsfaith/krakend-martian': 'modifier/martian',
  'devopsfaith/krakend-lua/router': 'modifier/lua-endpoint',
  'devopsfaith/krakend-lua/proxy': 'modifier/lua-proxy',
  'devopsfaith/krakend-lua/proxy/backend': 'modifier/lua-backend',
  'devopsfaith/krakend-jsonschema': 'validation/json-schema',
  'devopsfaith/krakend-jose/validator': 'auth/validator',
  'devopsfaith/krakend-jose/signer': 'auth/signer',
  'devopsfaith/krakend-botdetector': 'security/bot-detector',
  'devopsfaith/krakend/proxy': 'proxy',
  'devopsfaith/krakend/http': 'backend/http',
  'luraproject/lura/router/gin': 'router',
}
/** A key of a configuration that is text (YAML, a template): `auth/validator:` or `"auth/validator":`. */
const KEY_IN_TEXT =
  /(?:^|[\s"'[{,.])((?:auth|backend|modifier|proxy|qos|security|telemetry|validation)(?:\/[\w-]+)+)["']?\s*[:=\]]/gm

/** The namespaces that a case switches on, under their present names. */
export function namespacesOf(spec: Spec): Set<string> {
  const found = new Set<string>()
  for (const value of [spec.config, ...Object.values(spec.files ?? {})]) collect(value, found)
  return found
}

/** Those of them that this gateway has no feature for yet. */
export function missingNamespaces(spec: Spec, implemented: ReadonlySet<string>): string[] {
  return [...namespacesOf(spec)].filter((namespace) => !implemented.has(namespace))
}

function collect(value: JsonValue, found: Set<string>): void {
  if (typeof value === 'string') {
    for (const [, namespace = ''] of value.matchAll(KEY_IN_TEXT)) found.add(namespace)
    return
  }
  if (value === null || typeof value !== 'object') return
  if (Array.isArray(value)) {
    for (const item of value) collect(item, found)
    return
  }
  for (const [key, item] of Object.entries(value)) {
    if (key === 'extra_config' && item !== null && typeof item === 'object')
      for (const namespace of Object.keys(item)) found.add(presentName(namespace))
    collect(item, found)
  }
}

function presentName(namespace: string): string {
  const old = namespace.replace(/^github[._]com\//, '')
  return old === namespace ? namespace : (OLD_NAMES[old] ?? namespace)
}
