import type { KeyObject } from 'node:crypto'
import { type Options, optionsOf } from '../../config/options.ts'
import { parseExactly } from '../../decode/numbers.ts'
import { JSON_TYPE, stringify } from '../../encode/json.ts'
import { ConfigError } from '../../errors.ts'
import { endpointLogName } from '../../pipe/inner-names.ts'
import { isObject } from '../../pipe/is-object.ts'
import type { DataResponse, JsonObject, ProxyResponse, Reply } from '../../pipe/pipe.ts'
import { type EndingFeature, pathOf, type Scope } from '../feature.ts'
import { ALGORITHM_NAMES, type Algorithm, algorithms } from './jwk/algorithms.ts'
import { keyStrategy } from './jwk/key-id.ts'
import { fixedKeys, type KeyRing } from './jwk/key-ring.ts'
import { asQuestion, keySource } from './jwk/key-source.ts'
import { KeyProblem, keysOfSet, signingKey } from './jwk/keys.ts'
import { remoteKeys } from './jwk/remote-keys.ts'
import { type SignToken, tokenSigner } from './signer/sign-token.ts'

const NAMESPACE = 'auth/signer'
/** A signing key is fetched once; one that was not found is looked for again, but not with every request. */
const KEY_LIFE = { maxAgeMs: 1e15, cooldownMs: 1000 }

const UNAUTHORIZED: Reply = Object.freeze({ status: 401, headers: [], body: undefined })
const BAD_REQUEST: Reply = Object.freeze({ status: 400, headers: [], body: undefined })

/**
 * `auth/signer`: objects in the answer become tokens. It ends the handlers of its endpoint with an encoder of its own:
 * JSON without the gateway's headers; 400 when the answer is not whole, 401 while there is no key.
 */
export const signer: EndingFeature = {
  namespace: NAMESPACE,
  prepare(config, place, scope) {
    const options = optionsOf(config, pathOf(NAMESPACE, place))
    const { proxy, endpoint } = place
    if (endpoint.outputEncoding === 'no-op')
      throw new ConfigError('a signer needs data: "output_encoding": "no-op" has none', {
        path: pathOf(NAMESPACE, place),
      })
    const algorithm = algorithms[options.oneOf('alg', ALGORITHM_NAMES)]
    const keyId = options.text('kid')
    const ring = signingRing(options, scope, algorithm)
    const sign = signing(options, keyId)
    const prefix = `${endpointLogName(endpoint)}[JWTSigner]`
    const failed = (reply: Reply, words: string, error: unknown): Reply => {
      scope.log.error(prefix, words, error)
      return reply
    }
    const answer = (response: ProxyResponse, key: KeyObject): Reply => {
      const [error] = response.errors
      if (error !== undefined) return failed(BAD_REQUEST, 'Proxy response:', error)
      try {
        return sign(response, key)
      } catch (thrown) {
        return failed(BAD_REQUEST, 'Signing fields:', thrown)
      }
    }
    return () =>
      async function signFields(request, deadline) {
        let key: KeyObject
        try {
          key = ring.keyNow(keyId) ?? (await ring.find(keyId, deadline))
        } catch (error) {
          return failed(UNAUTHORIZED, 'Unable to create the signer:', error)
        }
        try {
          return answer(await proxy(request, deadline), key)
        } catch (error) {
          return failed(BAD_REQUEST, 'Proxy response:', error)
        }
      }
  },
}

/** The key that signs: from the file now, from the URL at the first request (the main thread fetches it at the start). */
function signingRing(options: Options, scope: Scope, algorithm: Algorithm): KeyRing {
  const source = keySource(options)
  const fitting = (jwk: JsonObject): KeyObject => {
    const key = signingKey(jwk)
    if (!algorithm.fits(key)) throw new KeyProblem('the key is not of the kind that alg wants')
    return key
  }
  if (source.kind === 'file') return fixedKeys(keyInFile(source.text, options, scope, fitting))
  return remoteKeys({
    source: asQuestion(source),
    strategyName: 'kid',
    strategy: keyStrategy('kid'),
    life: KEY_LIFE,
    scope,
    importKey: fitting,
  })
}

/** KrakenD starts without the key and answers 401 for ever: so does this, loudly. A key that cannot sign is an error. */
function keyInFile(
  text: string,
  options: Options,
  { log }: Scope,
  fitting: (jwk: JsonObject) => KeyObject,
): ReadonlyMap<string, KeyObject> {
  const keyId = options.text('kid')
  try {
    const jwk = keysOfSet(text).findLast((one) => keyStrategy('kid').ofKey(one) === keyId)
    if (jwk !== undefined) return new Map([[keyId, fitting(jwk)]])
  } catch (error) {
    if (!(error instanceof KeyProblem)) throw error
    throw options.wrong('jwk_local_path', error.message)
  }
  log.warning(
    `${options.path('kid')}: no key ${JSON.stringify(keyId)} in the file: every request gets 401`,
  )
  return new Map()
}

type Sign = (response: ProxyResponse, key: KeyObject) => Reply

function signing(options: Options, kid: string): Sign {
  const names = options.texts('keys_to_sign')
  const alg = options.oneOf('alg', ALGORITHM_NAMES)
  const header = { alg, kid, typ: options.text('typ') || 'JWT' }
  const signToken = tokenSigner(algorithms[alg], header, options.flag('full'))
  return function sign(response, key) {
    const data = signed(dataOf(response), names, signToken, key)
    return {
      status: response.status || 200,
      headers: ['Content-Type', JSON_TYPE, ...ownHeaders(response)],
      body: stringify(data),
    }
  }
}

function signed(
  data: JsonObject,
  names: readonly string[],
  signToken: SignToken,
  key: KeyObject,
): JsonObject {
  const tokens = names.flatMap((name) => {
    const claims = Object.hasOwn(data, name) ? data[name] : undefined
    return isObject(claims) ? [[name, signToken(claims, key)] as const] : []
  })
  return { ...data, ...Object.fromEntries(tokens) }
}

/** The answer's data; numbers spelt as the upstream spelt them where its text is still there. */
function dataOf(response: ProxyResponse): JsonObject {
  if (response.kind === 'stream') {
    response.body.destroy()
    return {}
  }
  const { sources, data }: DataResponse = response
  const source = sources.find(({ value }) => value === data)
  if (source === undefined) return data ?? {}
  const exact = parseExactly(source.text.toString(), true)
  return isObject(exact) ? exact : (data ?? {})
}

/** Headers that a component set, the first of each name. */
function ownHeaders({ headers, kind }: ProxyResponse): string[] {
  if (kind === 'stream') return []
  const first = new Map<string, string>()
  for (let at = 0; at < headers.length; at += 2) {
    const name = headers[at] as string
    if (name !== 'Content-Type' && !first.has(name)) first.set(name, headers[at + 1] as string)
  }
  return [...first].flat()
}
