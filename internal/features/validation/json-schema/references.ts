import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { JsonValue } from '../../../pipe/pipe.ts'
import { type Draft, forLibrary, isKeywords } from './dialect.ts'

/** What a `$ref` leads to, and the address that references inside are relative to. */
export type Target = { readonly schema: JsonValue; readonly base: string }

/** All schemas that one schema is made of, by address. */
export type References = {
  readonly root: Target
  /** Files that `$ref`s name, with their addresses. */
  readonly files: readonly Target[]
  resolve(reference: string, base: string): Target | undefined
}

/** Values of these keywords are data, not schemas. */
const DATA = new Set(['enum', 'const', 'default', 'examples'])

/**
 * Finds everything that `schema` refers to: its own parts, by pointer, `$id` or anchor, and files relative to
 * `base`, which are read now. Throws an `Error` for what is not there; nothing is loaded from the network.
 */
export function referencesOf(schema: JsonValue, base: string, draft: Draft): References {
  const byAddress = new Map<string, Target>()
  const wanted: string[] = []
  const files: Target[] = []
  index({ schema, base })
  byAddress.set(base, { schema, base: baseOf(schema, base) })
  for (let address = wanted.pop(); address !== undefined; address = wanted.pop()) {
    if (byAddress.has(address)) continue
    const file = { schema: forLibrary(readSchema(address), draft), base: address }
    files.push(file)
    byAddress.set(address, file)
    index(file)
  }
  return { root: { schema, base }, files, resolve }

  function index(target: Target): void {
    if (Array.isArray(target.schema)) {
      for (const item of target.schema) index({ ...target, schema: item })
      return
    }
    if (!isKeywords(target.schema)) return
    const here = { schema: target.schema, base: baseOf(target.schema, target.base) }
    if (here.base !== target.base) byAddress.set(here.base, here)
    for (const key of ['$id', '$anchor', '$dynamicAnchor']) {
      const name = anchor(key, here.schema[key])
      if (name !== undefined) byAddress.set(`${here.base}#${name}`, here)
    }
    const { $ref: reference } = here.schema
    if (typeof reference === 'string')
      wanted.push(withoutFragment(new URL(reference, here.base).href))
    for (const [key, value] of Object.entries(here.schema))
      if (!DATA.has(key)) index({ schema: value, base: here.base })
  }

  function resolve(reference: string, from: string): Target | undefined {
    const address = new URL(reference, from).href
    const named = byAddress.get(address)
    if (named !== undefined) return named
    const [document = '', fragment = ''] = address.split('#')
    const found = byAddress.get(document)
    if (found === undefined || fragment === '') return found
    return fragment.startsWith('/') ? pointed(found, fragment) : undefined
  }
}

/** The address that references inside a schema are relative to. */
export function baseOf(schema: JsonValue, base: string): string {
  const id = isKeywords(schema) ? schema['$id'] : undefined
  if (typeof id !== 'string' || id.startsWith('#')) return base
  return withoutFragment(new URL(id, base).href)
}

const withoutFragment = (address: string): string => address.split('#')[0] ?? ''

/** Old drafts write an anchor as `"$id": "#name"`. */
function anchor(key: string, value: JsonValue | undefined): string | undefined {
  if (typeof value !== 'string') return undefined
  if (key !== '$id') return value
  return value.startsWith('#') && value.length > 1 ? value.slice(1) : undefined
}

function pointed(from: Target, pointer: string): Target | undefined {
  let { schema, base } = from
  for (const token of decodeURIComponent(pointer).split('/').slice(1)) {
    const key = token.replaceAll('~1', '/').replaceAll('~0', '~')
    if (typeof schema !== 'object' || schema === null || !Object.hasOwn(schema, key))
      return undefined
    schema = Array.isArray(schema) ? (schema[Number(key)] ?? null) : (schema[key] ?? null)
    base = baseOf(schema, base)
  }
  return { schema, base }
}

function readSchema(address: string): JsonValue {
  if (!address.startsWith('file:'))
    throw new Error(`${address} is not loaded: schemas come from this document and from files`)
  return JSON.parse(readFileSync(fileURLToPath(address), 'utf8')) as JsonValue
}
