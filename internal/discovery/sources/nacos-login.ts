import { DiscoveryError } from '../discovery.ts'
import { asObject, asText, parseJson } from './json.ts'
import { type RegistryClient, refusal } from './registry-client.ts'
import { untilOver } from './until-over.ts'

/** A token is renewed when this part of its life is over. */
const RENEWED_AT = 0.8
const LOGIN_MS = 10_000

export type NacosLogin = {
  readonly username: string
  readonly password: () => Promise<string | undefined>
  readonly hide: (secret: string) => void
  readonly now: () => number
}
export type TokenKeeper = {
  /** The token in force, from one log-in for all who need it; rejects with `not-found` where nobody logs in at `path`. */
  get(path: string, signal: AbortSignal): Promise<string>
  /** `token` was refused: the next one is new. */
  forget(token: string): void
}

/** Keeps the token that user and password give, and renews it before its time is over. */
export function tokenKeeper(client: RegistryClient, login: NacosLogin): TokenKeeper {
  let known: { readonly token: string; readonly untilMs: number } | undefined
  let running: Promise<string> | undefined

  async function logIn(path: string): Promise<string> {
    const { username } = login
    // In the body: paths appear in logs, here and there.
    const body = new URLSearchParams({ username, password: (await login.password()) ?? '' })
    const headers = { 'content-type': 'application/x-www-form-urlencoded' }
    const call = { method: 'POST', path, headers, body: body.toString() } as const
    const { status, text, who } = await client.call(call, AbortSignal.timeout(LOGIN_MS))
    if (status === 404 || status === 410)
      throw new DiscoveryError('not-found', `${who}: ${refusal(status, '')}`)
    const answer = status === 200 ? asObject(parseJson(text, who)) : undefined
    const { accessToken, tokenTtl } = asObject(answer?.['data']) ?? answer ?? {}
    const token = asText(accessToken)
    if (token === '')
      throw new DiscoveryError(
        'unreachable',
        `${who}: no token for this user and password, ${refusal(status, '')}`,
      )
    login.hide(token)
    const lifeMs = Number(tokenTtl) > 0 ? Number(tokenTtl) * 1000 : Number.POSITIVE_INFINITY
    known = { token, untilMs: login.now() + lifeMs * RENEWED_AT }
    return token
  }

  return {
    async get(path, signal) {
      if (known !== undefined && login.now() < known.untilMs) return known.token
      running ??= logIn(path).finally(() => {
        running = undefined
      })
      return untilOver(running, signal)
    },
    forget(token) {
      if (known?.token === token) known = undefined
    },
  }
}
