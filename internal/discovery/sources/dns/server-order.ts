import { type NameServer, serverText } from './name-server.ts'

/** How long a server that did not answer is asked last. */
const PENALTY_MS = 30_000

/** In which order name servers are asked: a dead one costs its time-out once, not with every question. */
export class ServerOrder {
  readonly #failedAtMs = new Map<string, number>()
  readonly #now: () => number

  constructor(now: () => number) {
    this.#now = now
  }

  /** Those that failed lately come last, in their own order. */
  sorted(servers: readonly NameServer[]): NameServer[] {
    const isBad = (server: NameServer) => {
      const failedAtMs = this.#failedAtMs.get(serverText(server))
      return failedAtMs !== undefined && this.#now() - failedAtMs < PENALTY_MS
    }
    return [
      ...servers.filter((server) => !isBad(server)),
      ...servers.filter((server) => isBad(server)),
    ]
  }

  failed(server: NameServer): void {
    this.#failedAtMs.set(serverText(server), this.#now())
  }

  answered(server: NameServer): void {
    this.#failedAtMs.delete(serverText(server))
  }
}
