import { generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { type AlgorithmName, algorithms } from '../../internal/features/auth/jwk/algorithms.ts'
import { signingKey } from '../../internal/features/auth/jwk/keys.ts'
import type { EndpointPlace, HandlerPlace, Scope } from '../../internal/features/feature.ts'
import { DeadlineWheel } from '../../internal/pipe/deadline.ts'
import type {
  ClientRequest,
  Handler,
  HeaderList,
  JsonObject,
  JsonValue,
} from '../../internal/pipe/pipe.ts'

/** Private JWKs of every kind, made once for a test file. */
export function testKeys(): Record<'rsa' | 'p256' | 'p384' | 'p521' | 'ed' | 'oct', JsonObject> {
  const jwk = (key: KeyObject, kid: string): JsonObject => ({
    ...(key.export({ format: 'jwk' }) as JsonObject),
    kid,
  })
  const ec = (curve: string) =>
    jwk(generateKeyPairSync('ec', { namedCurve: curve }).privateKey, curve)
  return {
    rsa: jwk(generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey, 'rsa'),
    p256: ec('P-256'),
    p384: ec('P-384'),
    p521: ec('P-521'),
    ed: jwk(generateKeyPairSync('ed25519').privateKey, 'ed'),
    oct: { kty: 'oct', k: randomBytes(64).toString('base64url'), kid: 'oct' },
  }
}

/** The public half of a JWK. */
export function publicJwk({ d, p, q, dp, dq, qi, ...rest }: JsonObject): JsonObject {
  return rest
}

const part = (value: JsonValue | string): string =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url')

/** A signed token; `claims` as text when JSON.stringify would not write what the test needs. */
export function token(
  alg: AlgorithmName,
  jwk: JsonObject,
  claims: JsonObject | string,
  header: JsonObject = {},
): string {
  const signed = `${part({ alg, kid: jwk['kid'] ?? '', ...header })}.${part(claims)}`
  return `${signed}.${algorithms[alg].sign(signingKey(jwk), Buffer.from(signed)).toString('base64url')}`
}

/** A folder with one file in it, gone with its block. */
export function fileOf(
  name: string,
  text: string | Buffer,
): Disposable & { readonly file: string } {
  const dir = mkdtempSync(path.join(tmpdir(), 'gateway-test-'))
  const file = path.join(dir, name)
  writeFileSync(file, text)
  return { file, [Symbol.dispose]: () => rmSync(dir, { recursive: true, force: true }) }
}

/** A scope whose clock stands still, and what was logged and asked through it. */
export function authScope(answer: (topic: string, question: JsonValue) => Promise<JsonValue>) {
  const logged: string[] = []
  const time = { nowMs: 1_800_000_000_000 }
  const asked: JsonValue[] = []
  const heard: ((news: JsonValue) => void)[] = []
  const write = (...words: readonly unknown[]) => void logged.push(words.map(String).join(' '))
  const scope = {
    log: { debug: write, info: write, warning: write, error: write, critical: write },
    now: () => time.nowMs,
    clock: () => time.nowMs,
    hear(_topic: string, listener: (news: JsonValue) => void) {
      heard.push(listener)
      return () => {}
    },
    onClose() {},
    ask(topic: string, question: JsonValue) {
      asked.push(question)
      return answer(topic, question)
    },
  } as unknown as Scope
  const tell = (news: JsonValue) => {
    for (const listener of heard) listener(news)
  }
  return { scope, logged, time, asked, tell }
}
export const nobody = (): Promise<never> => Promise.reject(new Error('nobody answers'))

/** An endpoint with these parts. */
export function authPlace(
  parts: {
    endpoint?: Partial<EndpointPlace['endpoint']>
    serviceExtra?: JsonObject
    proxy?: HandlerPlace['proxy']
  } = {},
): HandlerPlace {
  return {
    service: { extraConfig: parts.serviceExtra ?? {} },
    endpoint: {
      index: 0,
      endpoint: '/x',
      outputEncoding: 'json',
      backends: [],
      extraConfig: {},
      ...parts.endpoint,
    },
    tokenRejecters: [],
    proxy: parts.proxy ?? (() => Promise.reject(new Error('not called'))),
  } as unknown as HandlerPlace
}

/** A request with these headers. */
export const requestWith = (headers: HeaderList, more: Partial<ClientRequest> = {}) =>
  ({ method: 'GET', path: '/x', rawQuery: '', headers, params: {}, ...more }) as ClientRequest

export const bearer = (text: string): ClientRequest =>
  requestWith(['Authorization', `Bearer ${text}`])

const wheel = new DeadlineWheel()
export const noDeadline = () => wheel.start(performance.now())

/** A handler that remembers what reached it. */
export function reached() {
  const requests: ClientRequest[] = []
  const handler: Handler = async (request) => {
    requests.push(request)
    return { status: 200, headers: [], body: undefined }
  }
  return { handler, requests }
}
