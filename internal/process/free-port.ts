import { readFile } from 'node:fs/promises'
import { createServer } from 'node:net'

/**
 * Makes sure that nobody else listens where the request threads are about to: with `SO_REUSEPORT` a second
 * process would take half of the connections without a word. Asks the kernel's table, because a trial listener
 * would accept connections that nobody serves. Rejects with an error whose code is `EADDRINUSE`.
 */
export async function requireFreePort(port: number, host: string): Promise<void> {
  const tables = await Promise.all(['/proc/net/tcp', '/proc/net/tcp6'].map(readTable))
  if (tables.every((table) => table === undefined)) return tryToListen(port, host)
  const wanted = hexAddress(host)
  for (const address of tables.flatMap((table) => listeningAt(table ?? '', port)))
    if (isWildcard(address) || isWildcard(wanted) || address === wanted)
      throw Object.assign(new Error(`port ${port} is in use`), { code: 'EADDRINUSE' })
}

const readTable = (file: string): Promise<string | undefined> =>
  readFile(file, 'utf8').catch(() => undefined)

/** Local addresses (hexadecimal, as the kernel prints them) of sockets that listen on `port`. */
export function listeningAt(table: string, port: number): string[] {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, '0')}`
  return table.split('\n').flatMap((line) => {
    const [, local, , state] = line.trim().split(/\s+/)
    return state === LISTEN && local?.endsWith(suffix) === true
      ? [local.slice(0, -suffix.length)]
      : []
  })
}
const LISTEN = '0A'

const isWildcard = (address: string): boolean => /^0*$/.test(address)

/** `127.0.0.1` as `0100007F`; what is no IPv4 address counts as any. */
function hexAddress(host: string): string {
  const parts = host.split('.')
  if (parts.length !== 4) return ''
  return parts
    .toReversed()
    .map((part) => Number(part).toString(16).toUpperCase().padStart(2, '0'))
    .join('')
}

/** Where there is no such table, threads do not share ports either: a trial is harmless enough. */
function tryToListen(port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const trial = createServer((socket) => socket.destroy())
    trial.once('error', reject)
    trial.listen({ port, exclusive: true, ...(host === '' ? {} : { host }) }, () =>
      trial.close(() => resolve()),
    )
  })
}
