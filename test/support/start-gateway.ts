import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import type { JsonObject } from '../../internal/pipe/pipe.ts'
import { freePort } from './free-port.ts'
import { type GatewayProcess, launchGateway } from './gateway-process.ts'

export type StartOptions = {
  /** Request threads; 1 unless told. */
  readonly workers?: number
  readonly env?: Readonly<Record<string, string>>
  /** Further words after `run -c FILE`. */
  readonly args?: readonly string[]
  /** Files beside the configuration, by name. */
  readonly files?: Readonly<Record<string, string | Uint8Array>>
  /** Opens the admin listener on a free port of loopback. */
  readonly admin?: boolean
}

/** The real command, serving. `await using gateway = await startGateway({...})` ends it with its block. */
export type RunningGateway = AsyncDisposable & {
  readonly port: number
  /** `http://127.0.0.1:PORT` */
  readonly url: string
  /** The admin listener's; `''` without one. */
  readonly adminUrl: string
  /** The folder of its configuration, which is `krakend.json`. */
  readonly dir: string
  readonly process: GatewayProcess
  /** What it printed so far. */
  output(): string
  /** SIGTERM; resolves with the exit status. */
  stop(): Promise<number | string>
}

/** Starts the command with `config` (a free port and `version` are filled in) and waits until it listens. */
export async function startGateway(
  config: JsonObject,
  { workers, env, args = [], files = {}, admin = false }: StartOptions = {},
): Promise<RunningGateway> {
  const dir = await mkdtemp(path.join(os.tmpdir(), 'gateway-test-'))
  const port = await freePort()
  const adminAddress = admin ? `127.0.0.1:${await freePort()}` : 'off'
  for (const [name, text] of Object.entries(files)) await writeFile(path.join(dir, name), text)
  const file = path.join(dir, 'krakend.json')
  await writeFile(file, JSON.stringify({ version: 3, port, ...config }))
  const gateway = launchGateway({
    args: ['run', '-c', file, ...args],
    dir,
    env: { GATEWAY_ADMIN_ADDRESS: adminAddress, ...env },
    workers,
  })
  const dispose = async () => {
    await gateway.kill()
    await rm(dir, { recursive: true, force: true })
  }
  if (!(await gateway.listening(port))) {
    await dispose()
    throw new Error(`the gateway did not start:\n${gateway.output()}`)
  }
  return {
    port,
    url: `http://127.0.0.1:${port}`,
    adminUrl: admin ? `http://${adminAddress}` : '',
    dir,
    process: gateway,
    output: gateway.output,
    async stop() {
      await gateway.stop()
      return gateway.exited
    },
    [Symbol.asyncDispose]: dispose,
  }
}
