import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { freePort } from '../../test/support/free-port.ts'

/** Compiled code beside the bundles. Another version of Node keeps its own there, if it may write. */
export const COMPILED = 'compiled'

const STARTS_WITHIN_MS = 60_000

/**
 * Starts the built gateway once and ends it, so that Node leaves the code it compiled in `dist/compiled`: a start
 * then reads it instead of compiling, which is a quarter of its CPU time. Throws when it does not start.
 */
export async function keepCompiledCode(dist: string): Promise<void> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'gateway-build-'))
  try {
    const port = await freePort()
    const file = path.join(folder, 'krakend.json')
    const backend = { host: ['http://127.0.0.1:80'], url_pattern: '/' }
    const endpoints = [{ endpoint: '/a/{b}', backend: [backend] }]
    await writeFile(file, JSON.stringify({ version: 3, port, endpoints }))
    await startAndEnd(dist, file, port)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function startAndEnd(dist: string, file: string, port: number): Promise<void> {
  const command = path.join(dist, 'cmd/gateway/main.js')
  const words = [command, 'run', '-c', file, '--admin-address', 'off', '--workers', '1']
  const gateway = spawn(process.execPath, words, { stdio: ['ignore', 'ignore', 'pipe'] })
  let said = ''
  gateway.stderr.on('data', (text) => {
    said += text
  })
  const ended = once(gateway, 'exit')
  const isUp = await answers(`http://127.0.0.1:${port}/__health`, () => gateway.exitCode !== null)
  gateway.kill(isUp ? 'SIGTERM' : 'SIGKILL')
  const [status] = await ended
  if (!isUp || status !== 0) throw new Error(`the built gateway does not run:\n${said}`)
}

async function answers(url: string, hasEnded: () => boolean): Promise<boolean> {
  const limitMs = performance.now() + STARTS_WITHIN_MS
  while (performance.now() < limitMs && !hasEnded()) {
    const reply = await fetch(url).catch(() => undefined)
    if (reply?.status === 200) return true
    await wait(20)
  }
  return false
}
