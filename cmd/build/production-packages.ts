import { readFile } from 'node:fs/promises'
import path from 'node:path'

/** A package that an installation of the gateway brings along. */
export type ProductionPackage = {
  /** Its folder below the project: `node_modules/ajv`. */
  readonly folder: string
  readonly name: string
  readonly version: string
  /** An SPDX identifier or expression. */
  readonly license: string
  /** `sha512-BASE64`, as npm writes it; `''` where the lock file has none. */
  readonly integrity: string
  /** Folders of the packages it requires, as node would find them from here. */
  readonly requires: readonly string[]
}

type LockEntry = {
  readonly version?: string
  readonly license?: string
  readonly integrity?: string
  readonly dev?: boolean
  readonly optional?: boolean
  readonly dependencies?: Readonly<Record<string, string>>
}
type LockFile = { readonly packages: Readonly<Record<string, LockEntry>> }

/** What `package-lock.json` in `root` installs in production, sorted by folder; `direct` are those we require ourselves. */
export async function productionPackages(root: string): Promise<{
  readonly packages: readonly ProductionPackage[]
  readonly direct: readonly string[]
}> {
  const lock = JSON.parse(await readFile(path.join(root, 'package-lock.json'), 'utf8')) as LockFile
  const entries = Object.entries(lock.packages).filter(
    ([folder, entry]) => folder !== '' && entry.dev !== true && entry.optional !== true,
  )
  const folders = new Set(entries.map(([folder]) => folder))
  const packages = entries
    .map(([folder, entry]) => describe(folder, entry, folders))
    .sort((a, b) => (a.folder < b.folder ? -1 : 1))
  return { packages, direct: requiredFrom('', lock.packages[''], folders) }
}

function describe(
  folder: string,
  entry: LockEntry,
  folders: ReadonlySet<string>,
): ProductionPackage {
  const name = folder.slice(folder.lastIndexOf('node_modules/') + 'node_modules/'.length)
  const { version, license, integrity = '' } = entry
  if (version === undefined) throw new Error(`package-lock.json has no version of ${folder}`)
  if (license === undefined) throw new Error(`package-lock.json has no licence of ${folder}`)
  return {
    folder,
    name,
    version,
    license,
    integrity,
    requires: requiredFrom(folder, entry, folders),
  }
}

function requiredFrom(
  folder: string,
  entry: LockEntry | undefined,
  folders: ReadonlySet<string>,
): string[] {
  return Object.keys(entry?.dependencies ?? {}).map((name) => {
    const found = lookUpwards(folder, name, folders)
    if (found === undefined)
      throw new Error(`package-lock.json lacks ${name}, required by ${folder || 'us'}`)
    return found
  })
}

/** Node's own search: in the package's folder first, then in each one above it. */
function lookUpwards(
  folder: string,
  name: string,
  folders: ReadonlySet<string>,
): string | undefined {
  for (let at = folder; ; at = at.slice(0, Math.max(0, at.lastIndexOf('node_modules/') - 1))) {
    const candidate = at === '' ? `node_modules/${name}` : `${at}/node_modules/${name}`
    if (folders.has(candidate)) return candidate
    if (at === '') return undefined
  }
}
