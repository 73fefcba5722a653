import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { closedAtOnce, listening, smallServer } from '../small-listener.ts'
import type { Logger } from '../telemetry/log.ts'
import { type Access, isLoopback, refusal } from './access.ts'

/** One thing the admin listener can do. What is no `GET` changes something: it needs the token, on this machine too. */
export type AdminRoute = {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  readonly path: string
  /** Answers everyone who can connect, whatever the Host header says: for scrapers and probes, and what has its own key. */
  readonly isOpen?: true
  readonly answer: (request: IncomingMessage, response: ServerResponse) => void | Promise<void>
}

export type AdminOptions = {
  /** `''` for all addresses. */
  readonly host: string
  readonly port: number
  /** Nobody asked for this address: when it is taken the gateway does without. */
  readonly isDefaultAddress: boolean
  /** Names that a Host header may carry besides IP addresses and `localhost`. */
  readonly hosts: readonly string[]
  readonly token: string | undefined
  readonly routes: readonly AdminRoute[]
  readonly log: Logger
}
export type AdminListener = {
  readonly port: number
  /** Stops at once: nobody waits for an admin answer. */
  close(): Promise<void>
}

const LIMITS = { headerTimeoutMs: 5_000, idleTimeoutMs: 30_000 }

/**
 * The second listener: metrics, health and what operators ask. Lives in the main thread, away from requests.
 * Resolves with `undefined` when the default address is taken; rejects when a chosen one is.
 */
export async function adminListener(options: AdminOptions): Promise<AdminListener | undefined> {
  const { host, port, isDefaultAddress, log } = options
  const server = smallServer(LIMITS)
  const problem = await listening(server, options)
  if (problem !== undefined) {
    if (!isDefaultAddress || !('code' in problem && problem.code === 'EADDRINUSE'))
      throw new Error(`[ADMIN] cannot listen on ${host}:${port}: ${problem.message}`, {
        cause: problem,
      })
    log.warning(
      `[ADMIN] ${host}:${port} is taken: no /metrics and no /health (--admin-address chooses another address, or off)`,
    )
    return undefined
  }
  const bound = server.address() as AddressInfo
  server.on('request', answering(options, isLoopback(bound.address)))
  return {
    port: bound.port,
    close: () => closedAtOnce(server),
  }
}

type Listener = (request: IncomingMessage, response: ServerResponse) => void

function answering({ routes, hosts, token, log }: AdminOptions, isLocal: boolean): Listener {
  const access: Access = {
    hosts: hosts.map((name) => name.toLowerCase()),
    token,
    isLoopback: isLocal,
  }
  return function answer(request, response) {
    const path = (request.url ?? '').split('?', 1)[0]
    const here = routes.filter((route) => route.path === path)
    const route = here.find(({ method }) => method === asked(request))
    const refused = here.some(({ isOpen }) => isOpen) ? undefined : refusal(request, access)
    if (refused !== undefined)
      return send(response, refused.status, refused.message, refused.headers)
    if (here.length === 0) return send(response, 404, 'not found')
    if (route === undefined)
      return send(response, 405, 'method not allowed', {
        Allow: here.map(({ method }) => method).join(', '),
      })
    if (isGuardedWrite(route) && token === undefined)
      return send(response, 403, 'GATEWAY_ADMIN_TOKEN must be set: changes need its bearer token')
    Promise.resolve()
      .then(() => route.answer(request, response))
      .catch((thrown: unknown) => {
        if (response.destroyed) return
        log.error(`[ADMIN] ${route.path}:`, thrown)
        if (response.headersSent) response.destroy()
        else send(response, 500, 'internal server error')
      })
  }
}

/** A missing token closes what changes something: it opens nothing. */
const isGuardedWrite = ({ method, isOpen }: AdminRoute): boolean =>
  method !== 'GET' && isOpen !== true

/** HEAD is GET without its body: node:http leaves that out by itself. */
function asked({ method }: IncomingMessage): string | undefined {
  return method === 'HEAD' ? 'GET' : method
}

function send(
  response: ServerResponse,
  status: number,
  message: string,
  headers: Readonly<Record<string, string>> = {},
): void {
  // A body that nobody reads would stand before the next request of the connection.
  response.writeHead(status, {
    'Content-Type': 'text/plain; charset=utf-8',
    'X-Content-Type-Options': 'nosniff',
    Connection: 'close',
    ...headers,
  })
  response.end(`${message}\n`)
}
