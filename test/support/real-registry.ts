import assert from 'node:assert/strict'
import { setTimeout as wait } from 'node:timers/promises'
import { Agent, request } from 'undici'
import type { Source } from '../../internal/discovery/discovery.ts'
import type { Contract, ContractRegistry } from '../../internal/discovery/sources/contract.ts'

/** Faults are what the fakes are for; a real server is stopped and started by tests of its own. */
export const NO_FAULTS = {
  down: 'a real server: see its own test',
  error: 'a real server',
  garbage: 'a real server',
  slow: 'a real server',
} as const satisfies Contract['without']

export type RealRegistry = {
  readonly source: () => Source
  readonly add: (host: string, port: number) => Promise<unknown>
  readonly drop: (host: string, port: number) => Promise<unknown>
  /** `host:port`s that the server itself lists; waited for where changes take a moment. */
  readonly list?: () => Promise<readonly string[]>
  /** After the last instance, for registries where a service is more than those. */
  readonly removeService?: () => Promise<unknown>
}

/** A real registry behind the contract: every test leaves it empty. */
export function realRegistry({
  source,
  add,
  drop,
  list,
  removeService,
}: RealRegistry): ContractRegistry {
  let last: readonly string[] = []
  const parts = (place: string): [string, number] => {
    const [host = '', port] = place.split(':')
    return [host, Number(port)]
  }
  async function set(hosts: readonly string[]): Promise<void> {
    for (const place of last) if (!hosts.includes(place)) await drop(...parts(place))
    for (const place of hosts) if (!last.includes(place)) await add(...parts(place))
    last = hosts
    if (list !== undefined)
      await until(async () => assert.deepEqual([...(await list())].sort(), [...hosts].sort()))
  }
  const remove = async () => {
    await set([])
    await removeService?.()
  }
  return { source, set, remove, fault() {}, [Symbol.asyncDispose]: remove }
}

/** Tries again until `check` holds. */
export async function until(check: () => void | Promise<void>, limitMs = 15_000): Promise<void> {
  const endMs = performance.now() + limitMs
  for (;;) {
    try {
      return await check()
    } catch (error) {
      if (performance.now() > endMs) throw error
      await wait(50)
    }
  }
}

export type Sent = {
  readonly method?: string
  readonly body?: unknown
  readonly headers?: Record<string, string>
  readonly ca?: string
}

/** One request to a registry's own API; anything but a success is an error. */
export async function send(
  url: string,
  { method = 'GET', body, headers = {}, ca }: Sent = {},
): Promise<string> {
  const dispatcher = new Agent(ca === undefined ? {} : { connect: { ca } })
  try {
    const text = typeof body === 'string' ? body : body === undefined ? null : JSON.stringify(body)
    const reply = await request(url, {
      method,
      dispatcher,
      body: text,
      headers: { accept: 'application/json', 'content-type': 'application/json', ...headers },
    })
    const answer = await reply.body.text()
    if (reply.statusCode >= 300) throw new Error(`${method} ${url}: ${reply.statusCode} ${answer}`)
    return answer
  } finally {
    await dispatcher.close()
  }
}
