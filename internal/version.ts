import { readFileSync } from 'node:fs'
import { findPackageJSON } from 'node:module'

/** The KrakenD release this gateway answers like: what `X-Krakend` and `User-Agent` say. */
export const COMPATIBILITY_VERSION = '2.13.8'

/** The gateway's own version, as its package names it. */
export function productVersion(): string {
  const file = findPackageJSON(import.meta.url)
  if (file === undefined) return 'unknown'
  const manifest: unknown = JSON.parse(readFileSync(file, 'utf8'))
  const named = typeof manifest === 'object' && manifest !== null && 'version' in manifest
  return named ? String(manifest.version) : 'unknown'
}
