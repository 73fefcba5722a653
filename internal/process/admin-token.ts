import { readFileSync } from 'node:fs'
import { type Settings, SettingsError } from './settings.ts'

/** The admin listener's bearer token, from the setting or its file; `undefined` without either. */
export function adminToken({
  adminToken,
  adminTokenFile,
}: Pick<Settings, 'adminToken' | 'adminTokenFile'>): string | undefined {
  if (adminToken !== '') return adminToken
  if (adminTokenFile === '') return undefined
  try {
    const token = readFileSync(adminTokenFile, 'utf8').trim()
    if (token !== '') return token
  } catch (error) {
    throw new SettingsError(
      `--admin-token-file: cannot read ${adminTokenFile}: ${(error as Error).message}`,
    )
  }
  throw new SettingsError(`--admin-token-file: ${adminTokenFile} is empty`)
}
