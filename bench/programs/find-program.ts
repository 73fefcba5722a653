import { existsSync } from 'node:fs'
import path from 'node:path'

/** The path of an installed program; Debian puts servers where a user's PATH does not look. */
export function findProgram(name: string): string | undefined {
  const folders = [...(process.env['PATH'] ?? '').split(path.delimiter), '/usr/sbin', '/sbin']
  return folders.map((folder) => path.join(folder, name)).find((file) => existsSync(file))
}

/** The path of a program that was seen to be there. */
export function requireProgram(name: string): string {
  const file = findProgram(name)
  if (file === undefined) throw new Error(`${name} is not installed: bench/peers.sh installs it`)
  return file
}
