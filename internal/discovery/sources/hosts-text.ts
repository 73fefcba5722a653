import type { JsonObject, JsonValue } from '../../pipe/pipe.ts'
import type { Found } from '../discovery.ts'
import { foundAt, foundAtText, hostOf, isPort, metadataOf, weightOf } from './found.ts'
import { asObject } from './json.ts'

/** Instances as a text names them, and what of it names none. */
export type HostsText = {
  readonly instances: readonly Found[]
  readonly unusable: readonly string[]
}

/**
 * Reads instances as people write them into keys, nodes and files: a URL or `host:port`; several, separated by
 * commas or white space; or JSON: such a text, `{"url", "weight", "zone", "metadata"}`,
 * `{"host" (or "address"), "port", "scheme", ...}`, `{URL: weight, ...}`, or a list of those.
 */
export function readHosts(text: string): HostsText {
  const trimmed = text.trim()
  if (/^[[{"]/.test(trimmed) && !/^\[[^"{\]]*\]:\d/.test(trimmed)) {
    const parsed = parsedJson(trimmed)
    if (parsed !== undefined) return readHostsJson(parsed)
  }
  return read(trimmed.split(/[\s,]+/).filter((part) => part !== ''))
}

/** The same for JSON (or YAML) that is parsed already. */
export function readHostsJson(value: JsonValue): HostsText {
  return read(Array.isArray(value) ? value : isMap(value) ? entriesOf(value) : [value])
}

function parsedJson(text: string): JsonValue | undefined {
  try {
    return JSON.parse(text)
  } catch {
    return undefined // Then it is no JSON, and its words are judged as hosts.
  }
}

function read(values: readonly JsonValue[]): HostsText {
  const instances: Found[] = []
  const unusable: string[] = []
  for (const value of values) {
    const found = typeof value === 'string' ? foundAtText(value) : foundAtObject(asObject(value))
    if (found === undefined) unusable.push(shown(value))
    else instances.push(found)
  }
  return { instances, unusable }
}

/** Without the password that a URL may hold. */
const shown = (value: JsonValue): string =>
  JSON.stringify(value).replaceAll(/\/\/[^/"]*@/g, '//***@')

/** `{"http://a": 3, "http://b": 1}`. */
const isMap = (value: JsonValue): value is JsonObject => {
  const keys = Object.keys(asObject(value) ?? {})
  return keys.length > 0 && keys.every((key) => key.includes(':'))
}

const entriesOf = (map: JsonObject): JsonValue[] =>
  Object.entries(map).map(([url, weight]) => ({ url, weight }))

function foundAtObject(written: JsonObject | undefined): Found | undefined {
  if (written === undefined) return undefined
  const { url, scheme, port, weight: weightWritten = 1, zone, metadata } = written
  const weight = weightOf(weightWritten)
  if (weight === undefined) return undefined
  const more = {
    weight,
    zone: typeof zone === 'string' ? zone : '',
    metadata: metadataOf(metadata),
  }
  if (typeof url === 'string') return foundAtText(url, more)
  const host = hostOf(written['host'] ?? written['address'])
  if (host === undefined || !isPort(port)) return undefined
  const path = written['path']
  return foundAt({
    host,
    port,
    ...(scheme === 'http' || scheme === 'https' ? { scheme } : {}),
    basePath: typeof path === 'string' ? path.replace(/\/+$/, '').replace(/^(?=[^/])/, '/') : '',
    ...more,
  })
}
