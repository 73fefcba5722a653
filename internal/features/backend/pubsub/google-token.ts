import type { Fetched, SmallFetch } from '../../../client/small-fetch.ts'
import type { TokenAsk } from './google-credentials.ts'

/** Access tokens, asked for once and kept until shortly before they end. */
export type AccessTokens = {
  /** Rejects when the server of tokens cannot be had, or gives none. */
  get(): Promise<string>
  /** This one was refused. */
  drop(token: string): void
}

type Kept = { readonly token: string; readonly untilMs: number }

const SECOND_MS = 1000
/** A token that ends so soon may end on its way. */
const MARGIN_MS = 60_000
const TOKEN = /^[\x21-\x7e]+$/

/** All who need a token at a time share one call. */
export function accessTokens(ask: TokenAsk, client: SmallFetch, now: () => number): AccessTokens {
  let kept: Kept | undefined
  let asking: Promise<Kept> | undefined
  const renew = async (): Promise<Kept> => {
    const nowMs = now()
    kept = keptFrom(await client.fetch(ask(nowMs)), nowMs)
    return kept
  }
  return {
    async get() {
      if (kept !== undefined && now() < kept.untilMs) return kept.token
      asking ??= renew().finally(() => {
        asking = undefined
      })
      return (await asking).token
    },
    drop(token) {
      if (kept?.token === token) kept = undefined
    },
  }
}

/** The text of an answer that holds no token may hold secrets: it is not repeated. */
function keptFrom({ status, text }: Fetched, nowMs: number): Kept {
  const fields = status === 200 ? fieldsIn(text) : {}
  const { access_token: token, expires_in: seconds } = fields
  if (typeof token !== 'string' || !TOKEN.test(token))
    throw new Error(`Google gave no access token: status ${status}`)
  const lifetimeMs = typeof seconds === 'number' ? seconds * SECOND_MS : 0
  return { token, untilMs: nowMs + lifetimeMs - MARGIN_MS }
}

function fieldsIn(text: string): { access_token?: unknown; expires_in?: unknown } {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? value : {}
  } catch {
    // No JSON, no token.
    return {}
  }
}
