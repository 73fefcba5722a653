import { isIP } from 'node:net'

/** Where questions go. */
export type NameServer = { readonly address: string; readonly port: number }

const DNS_PORT = 53
const BRACKETED = /^\[([^\]]+)\](?::(\d{1,5}))?$/
const WITH_PORT = /^([^:]+):(\d{1,5})$/

/** Reads `10.0.0.2`, `127.0.0.1:8600`, `::1` or `[::1]:8600`; `undefined` when it is none of these. */
export function nameServer(written: string): NameServer | undefined {
  const [, bracketed, bracketedPort] = BRACKETED.exec(written) ?? []
  const [, plain, plainPort] = WITH_PORT.exec(written) ?? []
  const address = bracketed ?? plain ?? written
  const port = Number(bracketedPort ?? plainPort ?? DNS_PORT)
  // `fe80::1%eth0` is an address too.
  const isUsable = isIP(address) !== 0 && port > 0 && port < 65_536
  return isUsable ? { address, port } : undefined
}

/** As it is written in messages. */
export const serverText = ({ address, port }: NameServer): string =>
  address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`
