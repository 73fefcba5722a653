import { readFileSync, statSync } from 'node:fs'
import { LONGEST_TEXT, outOf } from '../machine/budget.ts'

/**
 * A file's bytes. Devices and pipes have no end, or never one: they are refused, and so is what no script could hold.
 *
 * @throws {Error} with a `code`, as Node's
 */
export function readFile(path: string): string {
  const found = statSync(path)
  if (!found.isFile()) throw Object.assign(new Error('EINVAL: not a regular file, open'), NO_FILE)
  if (found.size > LONGEST_TEXT) throw outOf('memory')
  return readFileSync(path, 'latin1')
}
const NO_FILE = { code: 'EINVAL' }
