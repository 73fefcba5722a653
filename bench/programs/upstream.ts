import { mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { freePort } from '../../test/support/free-port.ts'
import { texts } from '../payloads.ts'
import { type Running, startProgram } from '../running.ts'
import { nginxCommand } from './nginx.ts'

/** The two ports of the upstream that all gateways share, and its process. */
export type Upstream = Running & { readonly ports: readonly [number, number] }

/** Starts an nginx with static JSON, pinned to `cores`. */
export async function startUpstream(options: {
  readonly folder: string
  readonly cores: readonly number[]
  readonly jwkSet: string
}): Promise<Upstream> {
  const { cores, jwkSet } = options
  const folder = path.join(options.folder, 'upstream')
  await mkdir(folder, { recursive: true })
  await writeFile(path.join(folder, 'users.json'), texts.users)
  await writeFile(path.join(folder, 'jwk.json'), jwkSet)
  const [port, second] = [await freePort(), await freePort()]
  const command = await nginxCommand(folder, 'upstream.conf', {
    WORKERS: Math.max(1, Math.floor(cores.length / 2)),
    PORT: port,
    SECOND_PORT: second,
    USER: texts.user,
    PROFILE: texts.profile,
    ORDERS: texts.orders,
  })
  const running = await startProgram({ command, folder, port, cores, readyPath: '/user' })
  return { ...running, ports: [port, second] }
}
