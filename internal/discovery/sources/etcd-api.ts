import type { JsonObject } from '../../pipe/pipe.ts'
import { DiscoveryError } from '../discovery.ts'
import { asObject, asText, parseJson } from './json.ts'
import {
  type RegistryClient,
  type RegistryLines,
  type RegistryReply,
  refusal,
} from './registry-client.ts'
import { untilOver } from './until-over.ts'

/** Newest first: 3.4 and later, 3.3, 3.0 to 3.2. */
const BASE_PATHS = ['/v3', '/v3beta', '/v3alpha'] as const
/** What etcd says of a token that it does not (or no longer) take, or that it misses. */
const NO_TOKEN = /invalid auth token|user name is empty|revision of auth store is old/
const AUTH_OFF = /authentication is not enabled/

export type EtcdUser = {
  readonly name: string | undefined
  readonly password: () => Promise<string | undefined>
  readonly hide: (secret: string) => void
}

/** etcd's JSON gateway: finds its base path, and keeps a token, asked for once for all who need it. */
export type EtcdApi = {
  post(path: string, body: JsonObject, signal: AbortSignal): Promise<JsonObject>
  /** An answer that goes on. `undefined` where this server cannot. */
  stream(path: string, body: JsonObject, signal: AbortSignal): Promise<RegistryLines | undefined>
  /** Whether a canceled stream says that the token is no good any more: the next call gets another. */
  isTokenRefusal(reason: string): boolean
}

export function etcdApi(client: RegistryClient, user: EtcdUser): EtcdApi {
  let base = 0
  let token: string | undefined
  let login: Promise<string | undefined> | undefined

  /** With the base path that this server knows: 404 without an etcd error is about the path. */
  async function send<T extends { readonly status: number }>(
    attempt: (basePath: string) => Promise<T>,
  ): Promise<T> {
    for (let turn = 0; ; turn++) {
      const at = (base + turn) % BASE_PATHS.length
      const reply = await attempt(BASE_PATHS[at] ?? '/v3')
      if (reply.status !== 404 || turn === BASE_PATHS.length - 1) {
        if (reply.status !== 404) base = at
        return reply
      }
    }
  }

  async function authenticate(signal: AbortSignal): Promise<string | undefined> {
    const { name } = user
    const password = (await user.password()) ?? ''
    const body = JSON.stringify({ name, password })
    const reply = await send((basePath) =>
      client.call({ method: 'POST', path: `${basePath}/auth/authenticate`, body }, signal),
    )
    const { message, answer } = read(reply)
    if (AUTH_OFF.test(message)) return ''
    const fresh = asText(answer['token'])
    if (fresh === '') throw refused(reply, message)
    user.hide(fresh)
    return fresh
  }

  /** One log-in serves all who wait for it; who gives up does not end it for the others. */
  function authorized(signal: AbortSignal): Promise<string | undefined> {
    if (user.name === undefined) return Promise.resolve(undefined)
    if (token !== undefined) return Promise.resolve(token)
    login ??= authenticate(AbortSignal.timeout(LOGIN_MS))
      .then((fresh) => {
        token = fresh
        return fresh
      })
      .finally(() => {
        login = undefined
      })
    return untilOver(login, signal)
  }

  /** With the token, and once more with a new one where that is refused. */
  async function withToken<T>(
    attempt: (headers: Record<string, string>) => Promise<T>,
    isRefused: (reply: T) => boolean,
    signal: AbortSignal,
  ): Promise<T> {
    const used = await authorized(signal)
    const reply = await attempt(headersOf(used))
    if (user.name === undefined || !isRefused(reply)) return reply
    if (token === used) token = undefined
    return attempt(headersOf(await authorized(signal)))
  }

  return {
    async post(path, body, signal) {
      const reply = await withToken(
        (headers) =>
          send((basePath) =>
            client.call(
              { method: 'POST', path: basePath + path, headers, body: JSON.stringify(body) },
              signal,
            ),
          ),
        (reply) => NO_TOKEN.test(reply.text) && reply.status >= 400,
        signal,
      )
      const { message, answer } = read(reply)
      if (reply.status !== 200) throw refused(reply, message)
      return answer
    },
    async stream(path, body, signal) {
      const headers = headersOf(await authorized(signal))
      const call = { method: 'POST', headers, body: JSON.stringify(body) } as const
      const reply = await send((basePath) =>
        client.lines({ ...call, path: basePath + path }, 0, signal),
      )
      if (reply.status === 200) return reply
      if (reply.status === 404 || reply.status === 405) return undefined
      token = undefined
      throw new DiscoveryError('unreachable', `${reply.who}: answered ${reply.status}`)
    },
    isTokenRefusal(reason) {
      if (user.name === undefined || !NO_TOKEN.test(reason)) return false
      token = undefined
      return true
    },
  }
}

/** Passwords are hashed slowly on purpose. */
const LOGIN_MS = 10_000

const headersOf = (token: string | undefined): Record<string, string> =>
  token === undefined || token === '' ? {} : { authorization: token }

function read(reply: RegistryReply): { message: string; answer: JsonObject } {
  const isJson = reply.text.trimStart().startsWith('{')
  if (reply.status !== 200 && !isJson) return { message: reply.text, answer: {} }
  const answer = asObject(parseJson(reply.text, reply.who))
  if (answer === undefined) throw new DiscoveryError('broken', `${reply.who}: no JSON object`)
  // 3.4 says both, 3.6 only `message`, 3.2 only `error`.
  return { message: asText(answer['message']) || asText(answer['error']), answer }
}

const refused = ({ who, status, text }: RegistryReply, message: string): DiscoveryError =>
  new DiscoveryError('unreachable', `${who}: ${refusal(status, message || text)}`)
