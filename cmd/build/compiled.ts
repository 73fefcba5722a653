import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { freePort } from '../../test/support/free-port.ts'
import { launchGateway } from '../../test/support/gateway-process.ts'

/** Compiled code beside the bundles. Another version of Node keeps its own there, if it may write. */
export const COMPILED = 'compiled'

const STARTS_WITHIN_MS = 60_000

/**
 * Starts the built gateway once and ends it, so that Node leaves the code it compiled in `dist/compiled`: a start
 * then reads it instead of compiling, which is a quarter of its CPU time. Throws when it does not start.
 */
export async function keepCompiledCode(dist: string): Promise<void> {
  const dir = await mkdtemp(path.join(os.tmpdir(), 'gateway-build-'))
  try {
    const port = await freePort()
    const file = path.join(dir, 'krakend.json')
    const backend = { host: ['http://127.0.0.1:80'], url_pattern: '/' }
    const endpoints = [{ endpoint: '/a/{b}', backend: [backend] }]
    await writeFile(file, JSON.stringify({ version: 3, port, endpoints }))
    const command = [process.execPath, path.join(dist, 'cmd/gateway/main.js')] as const
    const gateway = launchGateway({ command: [...command], args: ['run', '-c', file], dir })
    const isUp = await gateway.listening(port, STARTS_WITHIN_MS)
    await gateway.stop()
    if (!isUp || (await gateway.exited) !== 0)
      throw new Error(`the built gateway does not run:\n${gateway.output()}`)
  } finally {
    await rm(dir, { recursive: true, force: true })
  }
}
