import type { Options } from '../../../config/options.ts'
import type { BackendConfig } from '../../../config/types.ts'
import { canonicalHeader } from '../../../pipe/headers.ts'
import type { ClientRequest, HeaderList, JsonObject, Params } from '../../../pipe/pipe.ts'
import { onWire } from '../../../pipe/wire-text.ts'
import type { Logger } from '../../../telemetry/log.ts'
import { type ClaimOf, claimAt, claimNamed, looksNested } from './claim-path.ts'
import { claimText, claimTexts } from './claim-text.ts'

/** Hands a token's claims on: as headers (`propagate_claims`) and as parameters (`{JWT.claim}` in `url_pattern`). */
export type Propagate = (request: ClientRequest, claims: JsonObject) => ClientRequest

/** `undefined` when nothing is handed on. */
export function propagation(
  options: Options,
  backends: readonly BackendConfig[],
  log: Logger,
): Propagate | undefined {
  const headers = headersFrom(options, log)
  const params = paramsFrom(backends)
  if (headers === undefined && params === undefined) return undefined
  return function propagate(request, claims) {
    return {
      method: request.method,
      path: request.path,
      rawQuery: request.rawQuery,
      headers: headers?.(request.headers, claims) ?? request.headers,
      host: request.host,
      peerAddress: request.peerAddress,
      clientAddress: request.clientAddress,
      isEncrypted: request.isEncrypted,
      tls: request.tls,
      params: params?.(request.params, claims) ?? request.params,
      body: request.body,
    }
  }
}

type Rule = { readonly claim: ClaimOf; readonly header: string }

function rulesIn(options: Options, log: Logger): Rule[] {
  const key = 'propagate_claims'
  const pairs = options.value(key) ?? []
  if (!Array.isArray(pairs)) throw options.wrong(key, 'a value of another type', 'a list of pairs')
  const rules = pairs.flatMap((pair, at): Rule[] => {
    if (!Array.isArray(pair))
      throw options.wrong(`${key}[${at}]`, 'no pair', 'a claim and a header')
    const [claim, header, ...more] = pair
    if (typeof claim !== 'string' || typeof header !== 'string' || more.length > 0) {
      log.warning(
        `${options.path(key)}[${at}]: not a claim and a header: it is left out, as in KrakenD`,
      )
      return []
    }
    if (!HEADER_NAME.test(header))
      throw options.wrong(`${key}[${at}]`, `no header name: ${JSON.stringify(header)}`)
    const claimOf = looksNested(claim) ? claimAt(claim) : claimNamed(claim)
    return [{ claim: claimOf, header: canonicalHeader(header) }]
  })
  // The last rule of a header wins.
  return [...new Map(rules.map((rule) => [rule.header, rule])).values()]
}
const HEADER_NAME = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/

type SetHeaders = (headers: HeaderList, claims: JsonObject) => HeaderList

/** What the client sent under these names goes, whether the token has the claim or not. */
function headersFrom(options: Options, log: Logger): SetHeaders | undefined {
  const rules = rulesIn(options, log)
  if (rules.length === 0) return undefined
  const names = new Set(rules.map(({ header }) => header))
  const keepsLists = options.flag('propagate_claims_preserve_array')
  return (headers, claims) => {
    const kept: string[] = []
    for (let at = 0; at < headers.length; at += 2) {
      const name = headers[at] as string
      if (!names.has(canonicalHeader(name))) kept.push(name, headers[at + 1] as string)
    }
    for (const { claim, header } of rules) {
      const value = claim(claims)
      if (value === undefined) kept.push(header, '')
      else if (keepsLists) for (const text of claimTexts(value)) kept.push(header, onWire(text))
      else kept.push(header, onWire(claimText(value)))
    }
    return kept
  }
}

/** The claims that some backend's `url_pattern` names, as parameters. Only names at the top count, dots or not. */
function paramsFrom(
  backends: readonly BackendConfig[],
): ((params: Params, claims: JsonObject) => Params) | undefined {
  const names = new Set(
    backends.flatMap(({ urlPattern }) =>
      [...urlPattern.matchAll(/\{JWT\.([\w\-.:/]+)\}/g)].map((match) => match[1] as string),
    ),
  )
  if (names.size === 0) return undefined
  const wanted = [...names].map((name) => ({ param: `JWT.${name}`, claim: claimNamed(name) }))
  return (params, claims) => {
    const more: Record<string, string> = { ...params }
    for (const { param, claim } of wanted) {
      const value = claim(claims)
      if (value !== undefined) more[param] = claimText(value)
    }
    return more
  }
}
