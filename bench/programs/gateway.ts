import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { freePort } from '../../test/support/free-port.ts'
import type { Launch, Program } from './program.ts'

const COMPILED = path.resolve(import.meta.dirname, '../../dist/cmd/gateway/main.js')
/** A problem of a configuration ends with its place. */
const PROBLEM = /^.*(?= \(line \d+, column \d+)/m

/** This gateway, compiled (`make build`); another command with `GATEWAY_COMMAND`. Its metrics are on. */
export const gateway: Program = {
  missing() {
    const [, file] = words()
    return file === undefined || existsSync(file) ? undefined : `make build first: no ${file}`
  },
  version: () => `gateway, Node ${process.version.slice(1)}`,
  async prepare(launch) {
    const file = await writeDocument(launch)
    const admin = `127.0.0.1:${await freePort()}`
    const threads = String(launch.width)
    return {
      words: [...words(), 'run', '-c', file, '--admin-address', admin, '--workers', threads],
    }
  },
  async refusal(launch) {
    const file = await writeDocument(launch)
    const [program, ...rest] = words()
    const { promise, resolve } = Promise.withResolvers<string | undefined>()
    // -l: a key that it would ignore, with a warning, is a refusal too
    execFile(program, [...rest, 'check', '-l', '-c', file], (error, out, err) => {
      resolve(error === null ? undefined : firstProblem(`${err}\n${out}`))
    })
    return await promise
  },
}

async function writeDocument({ folder, port, document }: Launch): Promise<string> {
  const file = path.join(folder, 'gateway.json')
  await writeFile(file, JSON.stringify({ ...document, port }))
  return file
}

function firstProblem(text: string): string {
  const shown = PROBLEM.exec(text)?.[0] ?? text.trim()
  return shown.slice(shown.lastIndexOf('\t') + 1).replace(/^'[^']+': /, '')
}

function words(): [string, ...string[]] {
  const [program, ...rest] = (process.env['GATEWAY_COMMAND'] ?? '').split(/\s+/).filter(Boolean)
  if (program === undefined) return [process.execPath, COMPILED]
  // it runs in a folder of its own, where a relative path means something else
  return [program, ...rest.map((word) => (existsSync(word) ? path.resolve(word) : word))]
}
