import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { type HttpServer, startHttpServer } from '../support/http-server.ts'

/** The hosts of a storm. The path of a call (`/4`) says which gateway sends it, by its number of threads. */
export type Upstreams = AsyncDisposable & {
  readonly ports: readonly number[]
  /** Requests by host since the last `clear`, all of them or those of one gateway. */
  hits(threads?: number): readonly number[]
  clear(): void
  /** Connections that one gateway holds open, to all hosts together. */
  connections(threads: number): number
  /** Keeps calls waiting until there are as many as `calls`, then answers them all. */
  gather(calls: number): Promise<void>
}

/** Starts `count` hosts, for gateways with these numbers of threads. They never close a connection. */
export async function countingUpstreams(
  count: number,
  gateways: readonly number[],
): Promise<Upstreams> {
  const counts = new Map(gateways.map((threads) => [threads, new Array<number>(count).fill(0)]))
  const sockets = new Map(gateways.map((threads) => [threads, new Set<Socket>()]))
  let gathering: Gathering | undefined
  const start = (_: unknown, at: number): Promise<HttpServer> =>
    startHttpServer(
      (request, response) => {
        const threads = Number(request.url?.slice(1))
        const own = counts.get(threads)
        if (own !== undefined) own[at] = (own[at] ?? 0) + 1
        note(sockets.get(threads), request.socket)
        if (gathering === undefined) answer(response)
        else if (gathering.add(response)) gathering = undefined
      },
      { keepAliveTimeout: 0 },
    )
  const servers = await Promise.all(Array.from({ length: count }, start))
  const all = () => servers.map((_, at) => sum([...counts.values()].map((one) => one[at] ?? 0)))
  return {
    ports: servers.map(({ port }) => port),
    hits: (threads) => (threads === undefined ? all() : [...(counts.get(threads) ?? [])]),
    clear() {
      for (const one of counts.values()) one.fill(0)
    },
    connections: (threads) => sockets.get(threads)?.size ?? 0,
    gather(calls) {
      gathering = new Gathering(calls)
      return gathering.complete
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(servers.map((server) => server.close()))
    },
  }
}

function answer(response: ServerResponse): void {
  response.setHeader('content-type', 'application/json')
  response.end('{"ok":true}')
}

function note(open: Set<Socket> | undefined, socket: Socket): void {
  if (open === undefined || open.has(socket)) return
  open.add(socket)
  socket.once('close', () => open.delete(socket))
}

/** Calls that wait for each other. */
class Gathering {
  readonly #calls: number
  readonly #waiting: ServerResponse[] = []
  readonly #over = Promise.withResolvers<void>()

  constructor(calls: number) {
    this.#calls = calls
  }

  get complete(): Promise<void> {
    return this.#over.promise
  }

  /** `true` when it was the last one. */
  add(response: ServerResponse): boolean {
    this.#waiting.push(response)
    if (this.#waiting.length < this.#calls) return false
    for (const one of this.#waiting) answer(one)
    this.#over.resolve()
    return true
  }
}

const sum = (numbers: readonly number[]): number => numbers.reduce((all, one) => all + one, 0)
