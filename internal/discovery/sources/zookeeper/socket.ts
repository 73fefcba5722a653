import { connect, isIP, type Socket } from 'node:net'
import { connect as connectTls, type SecureContext } from 'node:tls'

/** One server of the ensemble; with `tls` its secure client port. */
export type ZooKeeperAddress = {
  readonly host: string
  readonly port: number
  readonly tls?: SecureContext | undefined
}

/** A connection under way. What is written before it stands waits for it. */
export function socketTo({ host, port, tls }: ZooKeeperAddress): Socket {
  if (tls === undefined) return connect({ host, port, noDelay: true })
  const servername = isIP(host) === 0 ? host : ''
  return connectTls({ host, port, servername, secureContext: tls }).setNoDelay(true)
}
