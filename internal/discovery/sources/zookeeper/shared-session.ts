import type { SecureContext } from 'node:tls'
import { DiscoveryError } from '../../discovery.ts'
import { type ZooKeeperLogin, ZooKeeperSession } from './session.ts'

export type Server = { readonly host: string; readonly port: number }

export type SharedSessionOptions = {
  readonly servers: readonly Server[]
  /** Asked for each session: secrets and certificates may have changed. */
  readonly login: () => Promise<ZooKeeperLogin | undefined>
  readonly tls: () => Promise<SecureContext | undefined>
  readonly random: () => number
}

/** One session for all services; a lost one is replaced when somebody asks next, at the next server. */
export function sharedSession({ servers, login, tls, random }: SharedSessionOptions) {
  let current: Promise<ZooKeeperSession> | undefined
  let next = Math.floor(random() * servers.length)
  let isClosed = false

  async function open(): Promise<ZooKeeperSession> {
    const [user, secure] = await Promise.all([login(), tls()])
    const failures: DiscoveryError[] = []
    for (let turn = 0; turn < servers.length; turn++) {
      const { host, port } = servers[next] ?? { host: '', port: 0 }
      try {
        return await ZooKeeperSession.open({ host, port, tls: secure }, user)
      } catch (error) {
        if (!(error instanceof DiscoveryError)) throw error
        failures.push(error)
        next = (next + 1) % servers.length
      }
    }
    const kind = failures.every(({ failure }) => failure === 'broken') ? 'broken' : 'unreachable'
    throw new DiscoveryError(kind, failures.map(({ message }) => message).join('; '))
  }
  return {
    get(): Promise<ZooKeeperSession> {
      if (isClosed) return Promise.reject(new DiscoveryError('unreachable', 'no longer asked'))
      if (current !== undefined) return current
      const opening = open()
      current = opening
      const forget = () => {
        if (current === opening) current = undefined
      }
      opening.then((session) => {
        if (isClosed) session.close()
        session.lost.catch(forget)
      }, forget)
      return opening
    },
    close(): void {
      isClosed = true
      current?.then((session) => session.close()).catch(() => {}) // Then there is none to close.
    },
  }
}
