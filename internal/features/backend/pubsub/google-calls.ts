import { setTimeout as pause } from 'node:timers/promises'
import { type SmallFetch, smallFetch } from '../../../client/small-fetch.ts'
import { type AccessTokens, accessTokens } from '../../../cloud/access-tokens.ts'
import { apiFailure } from '../../../cloud/api-failure.ts'
import { googleHost } from '../../../cloud/google/api-host.ts'
import { defaultCredentials } from '../../../cloud/google/credentials.ts'
import type { DriverScope } from './driver.ts'

/** Calls of Pub/Sub's REST API (https://cloud.google.com/pubsub/docs/reference/rest). */
export type GoogleCalls = {
  /** `resource` is a topic or a subscription, `verb` what to do with it. Repeats what may pass until `untilMs`. */
  post(resource: string, verb: string, body: object, limit: CallLimit): Promise<unknown>
  close(): Promise<void>
}
/** On the clock of `performance.now()`; `signal` ends the call before. */
export type CallLimit = { readonly untilMs: number; readonly signal: AbortSignal }

const SCOPE = 'https://www.googleapis.com/auth/pubsub'
/** Each request that waits for a message holds one. */
const CONNECTIONS = 64
/** A message of 10 MB (the most that Pub/Sub takes) in Base64, and its attributes. */
const MOST_BYTES = 16 * 2 ** 20
/** What Google asks to repeat: too many, broken, or away for now. */
const PASSING = new Set([429, 500, 502, 503, 504])
const UNAUTHORIZED = 401
const FIRST_PAUSE_MS = 100
const LONGEST_PAUSE_MS = 5_000

/** As the client libraries of Google: to the emulator where there is one, else with the default credentials. */
export function googleCalls({ env, path, now, random, say }: DriverScope): GoogleCalls {
  const emulator = env['PUBSUB_EMULATOR_HOST'] ?? ''
  const grant = emulator === '' ? defaultCredentials({ env, path, scope: SCOPE }) : undefined
  const client = smallFetch({ connections: CONNECTIONS, mostBytes: MOST_BYTES })
  const tokens = grant && accessTokens(grant, client, now)
  const base = emulator === '' ? googleHost('pubsub', env, path) : `http://${emulator}`
  const health = saidOnce(say)
  return {
    async post(resource, verb, body, { untilMs, signal }) {
      let isFirst = true
      const url = `${base}/v1/${resource.split('/').map(encodeURIComponent).join('/')}:${verb}`
      const text = JSON.stringify(body)
      for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)) {
        const { isPassing, failure, value } = await once(
          { url, text, signal, isFirst },
          client,
          tokens,
        )
        if (failure === undefined) {
          health.works()
          return value
        }
        health.fails(failure.message)
        isFirst = false
        const waitMs = pauseMs * (1 + random())
        if (!isPassing || signal.aborted || performance.now() + waitMs >= untilMs) throw failure
        await pause(waitMs, undefined, { signal })
      }
    },
    close: () => client.close(),
  }
}

type Call = {
  readonly url: string
  readonly text: string
  readonly signal: AbortSignal
  readonly isFirst: boolean
}
type Outcome = { readonly isPassing: boolean; readonly failure?: Error; readonly value?: unknown }

async function once(call: Call, client: SmallFetch, tokens?: AccessTokens): Promise<Outcome> {
  try {
    const token = await tokens?.get()
    const { url, text, signal } = call
    const headers = ['Content-Type', 'application/json']
    if (token !== undefined) headers.push('Authorization', `Bearer ${token}`)
    const fetched = await client.fetch({ method: 'POST', url, headers, body: text, signal })
    if (fetched.status === 200) return { isPassing: false, value: JSON.parse(fetched.text) }
    const isRefused = fetched.status === UNAUTHORIZED && token !== undefined
    if (isRefused) tokens?.drop(token)
    // A token may end early: the next one is tried, once.
    const isPassing = PASSING.has(fetched.status) || (isRefused && call.isFirst)
    return { isPassing, failure: apiFailure('Pub/Sub', fetched) }
  } catch (error) {
    // No connection, no token, or an answer that is none: each may pass.
    return { isPassing: true, failure: error as Error }
  }
}

/** One line when it begins to fail, and one when it works again: not one for each request. */
function saidOnce(say: (text: string) => void) {
  let failing = false
  return {
    fails(reason: string) {
      if (!failing) say(`${reason}; trying again`)
      failing = true
    },
    works() {
      if (failing) say('works again')
      failing = false
    },
  }
}
