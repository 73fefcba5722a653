import { callFailure } from '../../../client/call-error.ts'
import type { Ask, Fetched, SmallFetch } from '../../../client/small-fetch.ts'
import { type IssuedToken, tokenInReply } from './token-reply.ts'
import { type AuthStyle, type TokenRequest, tokenCall } from './token-request.ts'

/** A token is not used in its last seconds (Go's oauth2). */
const SPARE_MS = 10_000

/** Whether a token may still be used. */
export const isFresh = ({ expiresMs }: IssuedToken, nowMs: number): boolean =>
  expiresMs === null || nowMs < expiresMs - SPARE_MS

/** One client's token in the main thread: fetched when somebody needs it, once for all who wait. */
export class TokenStore {
  readonly #request: TokenRequest
  readonly #client: SmallFetch
  readonly #now: () => number
  #token: IssuedToken | undefined
  #fetching: Promise<IssuedToken> | undefined
  /** How this server takes the credentials, once it took them. */
  #style: AuthStyle | undefined

  constructor(request: TokenRequest, client: SmallFetch, now: () => number) {
    this.#request = request
    this.#client = client
    this.#now = now
  }

  /** The token. Rejects with the reason when there is none. */
  async token(): Promise<IssuedToken> {
    if (this.#token !== undefined && isFresh(this.#token, this.#now())) return this.#token
    this.#fetching ??= this.#fetch().finally(() => {
      this.#fetching = undefined
    })
    return this.#fetching
  }

  async #fetch(): Promise<IssuedToken> {
    this.#token = this.#style === undefined ? await this.#findStyle() : await this.#ask(this.#style)
    return this.#token
  }

  /** In the header first; servers that refuse that most likely want them in the body. */
  async #findStyle(): Promise<IssuedToken> {
    try {
      return await this.#ask('header')
    } catch {
      // What the second try says is the reason then.
      return await this.#ask('body')
    }
  }

  async #reply(ask: Ask): Promise<Fetched> {
    try {
      return await this.#client.fetch(ask)
    } catch (error) {
      const { origin, pathname } = new URL(ask.url)
      throw new Error(callFailure(error as Error, { method: ask.method, origin, path: pathname }))
    }
  }

  async #ask(style: AuthStyle): Promise<IssuedToken> {
    const reply = await this.#reply(tokenCall(this.#request, style))
    const token = tokenInReply(reply, this.#now())
    this.#style = style
    return token
  }
}
