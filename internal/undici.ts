import { createRequire } from 'node:module'
import type * as Undici from 'undici'

const require = createRequire(import.meta.url)

/**
 * The parts of undici that requests need: its connections, without fetch, WebSocket, caches and mocks. A third
 * of the modules, and in every thread 7 MB and some 20 ms of the start less. The version is pinned; the pack
 * test fails should these files move.
 */
export const Client = require('undici/lib/dispatcher/client.js') as typeof Undici.Client
export const buildConnector = require('undici/lib/core/connect.js') as typeof Undici.buildConnector

/** All of undici, loaded by whoever asks first: for what is off the path of requests. */
export const undici = (): typeof Undici => require('undici') as typeof Undici

const { kKeepAliveDefaultTimeout, kKeepAliveTimeoutValue } =
  require('undici/lib/core/symbols.js') as Record<string, symbol>

/** Makes `client` arm no timer of its own while it is idle, unless its server says how long it keeps connections. */
export function withoutIdleTimer(client: Undici.Client): Undici.Client {
  return Object.assign(client, {
    [kKeepAliveDefaultTimeout as symbol]: 0,
    [kKeepAliveTimeoutValue as symbol]: 0,
  })
}
