import type { Fetched, SmallFetch } from '../client/small-fetch.ts'
import { objectIn } from './object-in.ts'

/** A token and when it ends, in milliseconds since 1970. */
export type Granted = { readonly token: string; readonly endsMs: number }
/** Asks for a token. Rejects when the server of tokens cannot be had, or gives none. */
export type TokenGrant = (client: SmallFetch, nowMs: number) => Promise<Granted>

/** Access tokens, asked for once and kept until shortly before they end. */
export type AccessTokens = {
  /** Rejects as its grant does. */
  get(): Promise<string>
  /** This one was refused. */
  drop(token: string): void
}

const SECOND_MS = 1000
/** A token that ends so soon may end on its way. */
const MARGIN_MS = 60_000
const TOKEN = /^[\x21-\x7e]+$/
/** What OAuth calls an error (RFC 6749, 5.2), and Azure's number for it; descriptions may say more than a log should. */
const ERROR = /^[\w.-]{1,64}$/
const NUMBER_OF_AZURE = /^AADSTS\d{1,10}/

/** All who need a token at a time share one call. */
export function accessTokens(
  grant: TokenGrant,
  client: SmallFetch,
  now: () => number,
): AccessTokens {
  let kept: Granted | undefined
  let asking: Promise<Granted> | undefined
  const renew = async (): Promise<Granted> => {
    kept = await grant(client, now())
    return kept
  }
  return {
    async get() {
      if (kept !== undefined && now() < kept.endsMs - MARGIN_MS) return kept.token
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

/** The token in an answer of OAuth's form; `who` gave it, for messages. Throws when there is none. */
export function grantedIn(who: string, answer: Fetched, nowMs: number): Granted {
  const { access_token: token, expires_in: seconds, expires_on: endsS } = fieldsIn(answer)
  // Azure's machines write numbers in quotes, and some of them only the time when it ends.
  const endsMs =
    seconds === undefined ? Number(endsS) * SECOND_MS : nowMs + Number(seconds) * SECOND_MS
  return { token: checkedToken(who, token, answer), endsMs: endsMs || nowMs }
}

/** The fields of an answer that should be an object; none when its status says that it failed. */
export const fieldsIn = ({ status, text }: Fetched): Readonly<Record<string, unknown>> =>
  status === 200 ? (objectIn(text) ?? {}) : {}

/** What can stand in a header. The text of an answer that holds no token may hold secrets: it is not repeated. */
export function checkedToken(who: string, token: unknown, { status, text }: Fetched): string {
  if (typeof token === 'string' && TOKEN.test(token)) return token
  const { error, error_description: description } = objectIn(text) ?? {}
  const reason = ERROR.exec(String(error ?? ''))?.[0]
  const number = NUMBER_OF_AZURE.exec(String(description ?? ''))?.[0]
  const known = [`status ${status}`, reason, number].filter((one) => one !== undefined)
  throw new Error(`${who} gave no access token: ${known.join(', ')}`)
}
