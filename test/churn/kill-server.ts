import { readFileSync } from 'node:fs'
import path from 'node:path'
import { stateFolder } from '../servers/table.ts'

/** Ends a process that a server's script started with SIGKILL, as a crash would: nothing is said to its clients. */
export function killServer(processName: string): void {
  const [pid] = readFileSync(path.join(stateFolder(), 'run', `${processName}.pid`), 'utf8').split(
    ' ',
  )
  process.kill(Number(pid), 'SIGKILL')
}
