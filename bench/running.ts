import { type ChildProcess, spawn } from 'node:child_process'
import { openSync, readFileSync } from 'node:fs'
import { type ClientRequest, get } from 'node:http'
import path from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { pinned } from './cores.ts'
import type { Command } from './programs/program.ts'

const POLL_MS = 2
const POLL_ANSWER_LIMIT_MS = 1000
const START_LIMIT_MS = 60_000
const STOP_LIMIT_MS = 10_000
/** Variables that would change what a gateway does. */
const OWN_VARIABLES = /^(KRAKEND_|FC_|GATEWAY_|NODE_OPTIONS$|(HTTPS?|NO)_PROXY$)/i

/** A program that runs, in a process group of its own. */
export type Running = {
  readonly pid: number
  readonly port: number
  /** What it prints goes here: an access log costs every gateway the same kind of write. */
  readonly outputFile: string
  /** From its start to its first answer. */
  readonly startMs: number
  stop(): Promise<void>
}

export type Start = {
  readonly command: Command
  readonly folder: string
  readonly port: number
  /** Where it is pinned; anywhere unless told. */
  readonly cores?: readonly number[]
  /** A path that answers 200 once it serves. */
  readonly readyPath?: string
}

/** Starts a program and waits until it answers. */
export async function startProgram(start: Start): Promise<Running> {
  const { command, folder, port, cores, readyPath = '/__health' } = start
  const [program = '', ...words] = [...(cores ? pinned(cores) : []), ...command.words]
  const outputFile = path.join(folder, 'output')
  const output = openSync(outputFile, 'w')
  const startMs = performance.now()
  const child = spawn(program, words, {
    cwd: folder,
    env: { ...outsideVariables(), ...command.env },
    stdio: ['ignore', output, output],
    detached: true,
  })
  const stop = stopperOf(child)
  try {
    await answers(child, `http://127.0.0.1:${port}${readyPath}`)
  } catch (error) {
    await stop()
    const said = readFileSync(outputFile, 'utf8').trim()
    throw new Error(`${command.words.join(' ')}: ${(error as Error).message}\n${said}`)
  }
  const { pid = 0 } = child
  return { pid, port, outputFile, startMs: performance.now() - startMs, stop }
}

async function answers(child: ChildProcess, url: string): Promise<void> {
  let failure: string | undefined
  child.once('error', (error) => {
    failure = String(error)
  })
  child.once('exit', (code, signal) => {
    failure ??= `ended with ${code ?? signal}`
  })
  const untilMs = performance.now() + START_LIMIT_MS
  while (!(await isAnswered(url))) {
    if (failure !== undefined) throw new Error(failure)
    if (performance.now() > untilMs) throw new Error(`no answer in ${START_LIMIT_MS} ms`)
    await wait(POLL_MS)
  }
}

function isAnswered(url: string): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>()
  const request: ClientRequest = get(url, { agent: false, timeout: POLL_ANSWER_LIMIT_MS })
  request.once('response', (response) => {
    response.resume()
    resolve(response.statusCode === 200)
  })
  request.once('timeout', () => request.destroy())
  request.once('error', () => resolve(false))
  request.once('close', () => resolve(false))
  return promise
}

/** Ends the whole group, so that no child of it stays; at the end of the bench too, however that ends. */
function stopperOf(child: ChildProcess): () => Promise<void> {
  const { promise: over, resolve } = Promise.withResolvers<void>()
  const endWithUs = () => signalGroup(child, 'SIGKILL')
  process.setMaxListeners(0).once('exit', endWithUs)
  const isOver = () => {
    process.off('exit', endWithUs)
    resolve()
  }
  child.once('exit', isOver)
  child.once('error', isOver)
  return async () => {
    if (child.exitCode === null && child.signalCode === null) signalGroup(child, 'SIGTERM')
    const hardly = setTimeout(endWithUs, STOP_LIMIT_MS)
    await over
    clearTimeout(hardly)
  }
}

function signalGroup({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  if (pid === undefined) return
  try {
    process.kill(-pid, signal)
  } catch {
    // it has ended meanwhile
  }
}

function outsideVariables(): Record<string, string | undefined> {
  return Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !OWN_VARIABLES.test(name)),
  )
}
