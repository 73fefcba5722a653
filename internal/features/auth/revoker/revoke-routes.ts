import type { IncomingMessage } from 'node:http'
import type { AdminRoute } from '../../../admin/admin-listener.ts'
import { isObject } from '../../../pipe/is-object.ts'
import type { JsonObject, JsonValue } from '../../../pipe/pipe.ts'
import { bodyText, hasBearer, sendJson } from '../../../small-exchange.ts'
import { itemText } from './bloom-filter.ts'

export type RevokeDesk = {
  readonly tokenKeys: readonly string[]
  /** `''`: the admin listener's own token says who may revoke. */
  readonly apiKey: string
  /** Resolves when every thread refuses tokens with these items. */
  revoke(items: readonly string[]): Promise<void>
  isRevoked(item: string): boolean
}

const PATH = '/revoke'
const MOST_BODY_BYTES = 1 << 20
const MOST_ITEMS = 10_000
const LONGEST_ITEM = 4096

/**
 * Revocations over HTTP. `POST /revoke {"jti": "a", "sub": ["b", "c"]}` refuses tokens with one of these claims from now
 * on; `GET /revoke?jti=a` says whether they are refused. With `api_key` as `Authorization: Bearer`, else with the
 * admin listener's token.
 */
export function revokeRoutes(desk: RevokeDesk): AdminRoute[] {
  const isOpen = desk.apiKey === '' ? {} : ({ isOpen: true } as const)
  const guarded =
    (answer: Answer): AdminRoute['answer'] =>
    async (request, response) => {
      if (!mayAsk(request, desk.apiKey))
        return sendJson(response, 401, { error: 'the api_key is needed as bearer token' })
      const { status, body } = await answer(request)
      sendJson(response, status, body)
    }
  return [
    { method: 'POST', path: PATH, ...isOpen, answer: guarded((request) => revoke(request, desk)) },
    { method: 'GET', path: PATH, ...isOpen, answer: guarded((request) => check(request, desk)) },
  ]
}

type Answer = (request: IncomingMessage) => Promise<Told>
type Told = { readonly status: number; readonly body: JsonObject }
const refused = (status: number, error: string): Told => ({ status, body: { error } })

const mayAsk = (request: IncomingMessage, apiKey: string): boolean =>
  apiKey === '' || hasBearer(request, apiKey)

async function revoke(request: IncomingMessage, desk: RevokeDesk): Promise<Told> {
  const text = await bodyText(request, MOST_BODY_BYTES)
  if (text === undefined) return refused(413, `more than ${MOST_BODY_BYTES} bytes`)
  const items = itemsIn(text, desk.tokenKeys)
  if (typeof items === 'string') return refused(400, items)
  await desk.revoke(items)
  return { status: 200, body: { revoked: items.length } }
}

async function check({ url = '' }: IncomingMessage, desk: RevokeDesk): Promise<Told> {
  const asked = [...new URLSearchParams(url.split('?')[1] ?? '')]
  const unknown = asked.find(([key]) => !desk.tokenKeys.includes(key))
  if (unknown !== undefined || asked.length === 0)
    return refused(400, `ask for ${desk.tokenKeys.join(', ')}`)
  const isRevoked = asked.some(([key, value]) => desk.isRevoked(itemText(key, value)))
  return { status: 200, body: { revoked: isRevoked } }
}

/** The items that a body names, or what is wrong with it: all or nothing. */
function itemsIn(text: string, tokenKeys: readonly string[]): readonly string[] | string {
  let body: JsonValue
  try {
    body = JSON.parse(text) as JsonValue
  } catch {
    return 'the body is no JSON'
  }
  if (!isObject(body)) return 'the body is no object of claims'
  const items: string[] = []
  for (const [key, value] of Object.entries(body)) {
    if (!tokenKeys.includes(key)) return `${JSON.stringify(key)} is none of token_keys`
    for (const one of Array.isArray(value) ? value : [value]) {
      if (typeof one !== 'string' || one === '') return `${key}: a text or a list of texts`
      if (one.length > LONGEST_ITEM) return `${key}: longer than ${LONGEST_ITEM} characters`
      items.push(itemText(key, one))
    }
  }
  if (items.length === 0) return `nothing to revoke: name ${tokenKeys.join(', ')}`
  return items.length > MOST_ITEMS ? `more than ${MOST_ITEMS} at once` : items
}
