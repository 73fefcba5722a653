import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { stateFolder } from '../servers/table.ts'

const RETRY_MS = 200
const held = new Set<string>()

/**
 * Has the real server `name` to itself until this process ends: its ports are fixed, and test files run beside each
 * other, each in a process of its own.
 */
export async function lockServer(name: string): Promise<void> {
  if (held.has(name)) return
  const folder = path.join(stateFolder(), 'run')
  mkdirSync(folder, { recursive: true })
  const file = path.join(folder, `${name}.lock`)
  while (!taken(file)) await wait(RETRY_MS)
  held.add(name)
  process.once('exit', () => rmSync(file, { force: true }))
}

function taken(file: string): boolean {
  try {
    writeFileSync(file, String(process.pid), { flag: 'wx' })
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
  if (!isOwned(file)) rmSync(file, { force: true })
  return false
}

/** A process that was killed left its lock behind. */
function isOwned(file: string): boolean {
  try {
    const owner = Number(readFileSync(file, 'utf8'))
    // Just made, and not written yet.
    if (owner === 0) return true
    process.kill(owner, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
