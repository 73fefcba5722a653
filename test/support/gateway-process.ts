import { type ChildProcess, spawn } from 'node:child_process'
import { connect } from 'node:net'
import path from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'

const ROOT = path.resolve(import.meta.dirname, '../..')
/** Variables that would change what a gateway under test does. */
const OWN_VARIABLES =
  /^(KRAKEND_|FC_|GATEWAY_|USAGE_|NODE_TEST_|NODE_OPTIONS$|(HTTPS?|NO)_PROXY$|(https?|no)_proxy$)/
const POLL_MS = 15
const START_LIMIT_MS = 20_000
const STOP_LIMIT_MS = 10_000

export type LaunchOptions = {
  /** What follows the command's name: `['run', '-c', file]`. */
  readonly args: readonly string[]
  readonly dir: string
  readonly env?: Readonly<Record<string, string>> | undefined
  /** Request threads; 1 unless told. */
  readonly workers?: number | undefined
  /** Another program than `gatewayCommand()`. */
  readonly command?: readonly [string, ...string[]]
}

/** The real command as a process of its own, and what it printed. */
export type GatewayProcess = {
  readonly child: ChildProcess
  output(): string
  /** The exit status, or the name of the signal, once everything it printed has been read. */
  readonly exited: Promise<number | string>
  /** Resolves when `port` accepts connections: `true`, or `false` when the process ended before or took too long. */
  listening(port: number, limitMs?: number): Promise<boolean>
  /** SIGTERM, then SIGKILL for one that does not end. */
  stop(): Promise<void>
  kill(): Promise<void>
}

/** Words of the command: `GATEWAY_COMMAND` (the compiled one, another gateway), or the sources of this checkout. */
export function gatewayCommand(): [string, ...string[]] {
  const [program, ...words] = (process.env['GATEWAY_COMMAND'] ?? '').split(/\s+/).filter(Boolean)
  if (program !== undefined) return [program, ...words]
  return [process.execPath, path.join(ROOT, 'cmd/gateway/main.ts')]
}

/** Starts the command without waiting for anything. The admin listener is off unless `env` says otherwise. */
export function launchGateway(options: LaunchOptions): GatewayProcess {
  const { args, dir, env, workers = 1, command = gatewayCommand() } = options
  const [program, ...words] = command
  const child = spawn(program, [...words, ...args], {
    cwd: dir,
    env: {
      ...outsideVariables(),
      USAGE_DISABLE: '1',
      GATEWAY_ADMIN_ADDRESS: 'off',
      GATEWAY_WORKERS: String(workers),
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const state = watch(child)
  return {
    child,
    output: () => state.output,
    exited: state.exited,
    listening: (port, limitMs = START_LIMIT_MS) => isListening(state, port, limitMs),
    stop: () => end(state, 'SIGTERM'),
    kill: () => end(state, 'SIGKILL'),
  }
}

type State = {
  readonly child: ChildProcess
  output: string
  isOver: boolean
  readonly exited: Promise<number | string>
}

function watch(child: ChildProcess): State {
  const { promise, resolve } = Promise.withResolvers<number | string>()
  const state: State = { child, output: '', isOver: false, exited: promise }
  const read = (chunk: Buffer) => {
    state.output += chunk.toString('utf8')
  }
  child.stdout?.on('data', read)
  child.stderr?.on('data', read)
  // a test run that ends early must not leave its gateways behind
  const killWithUs = () => child.kill('SIGKILL')
  process.setMaxListeners(100).once('exit', killWithUs)
  const over = (how: number | string) => {
    state.isOver = true
    process.off('exit', killWithUs)
    resolve(how)
  }
  child.once('error', (error) => over(String(error)))
  // 'close' and not 'exit': the last lines may still be in the pipe when it has exited
  child.once('close', (code, signal) => over(code ?? signal ?? 'unknown'))
  return state
}

async function isListening(state: State, port: number, limitMs: number): Promise<boolean> {
  const untilMs = Date.now() + limitMs
  while (!state.isOver && Date.now() < untilMs) {
    if (await canConnect(port)) return !state.isOver
    await wait(POLL_MS)
  }
  return false
}

/** Whether something accepts connections on `port` of loopback. */
export function canConnect(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}

async function end(state: State, signal: NodeJS.Signals): Promise<void> {
  if (state.isOver) return
  state.child.kill(signal)
  const hardly = setTimeout(() => state.child.kill('SIGKILL'), STOP_LIMIT_MS)
  await state.exited
  clearTimeout(hardly)
}

function outsideVariables(): Record<string, string | undefined> {
  return Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !OWN_VARIABLES.test(name)),
  )
}
