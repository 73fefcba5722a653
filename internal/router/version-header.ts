import type { RouterConfig } from '../config/types.ts'
import { COMPATIBILITY_VERSION } from '../version.ts'

/** `User-Agent` of calls to upstreams, and `X-Forwarded-Via` where the client's own is passed on. */
export const USER_AGENT = `KrakenD Version ${COMPATIBILITY_VERSION}`

/** The value of `X-Krakend`. */
export const versionHeader = (config: Pick<RouterConfig, 'hideVersionHeader'>): string =>
  `Version ${config.hideVersionHeader ? 'undefined' : COMPATIBILITY_VERSION}`
