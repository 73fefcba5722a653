import { createHash, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AdminRoute } from '../../../admin/admin-listener.ts'
import { isObject } from '../../../pipe/is-object.ts'
import type { JsonObject, JsonValue } from '../../../pipe/pipe.ts'
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
        return send(response, 401, { error: 'the api_key is needed as bearer token' })
      const { status, body } = await answer(request)
      send(response, status, body)
    }
  return [
    { method: 'POST', path: PATH, ...isOpen, answer: guarded((request) => revoke(request, desk)) },
    { method: 'GET', path: PATH, ...isOpen, answer: guarded((request) => check(request, desk)) },
  ]
}

type Answer = (request: IncomingMessage) => Promise<Told>
type Told = { readonly status: number; readonly body: JsonObject }
const refused = (status: number, error: string): Told => ({ status, body: { error } })

/** Compared in constant time, hashed first so that the lengths tell nothing either. */
function mayAsk({ headers }: IncomingMessage, apiKey: string): boolean {
  if (apiKey === '') return true
  const given = /^bearer +(.+)$/i.exec(headers.authorization ?? '')?.[1]
  return given !== undefined && timingSafeEqual(sha256(given), sha256(apiKey))
}
const sha256 = (text: string): Buffer => createHash('sha256').update(text).digest()

async function revoke(request: IncomingMessage, desk: RevokeDesk): Promise<Told> {
  const text = await bodyText(request)
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

async function bodyText(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > MOST_BODY_BYTES) return undefined
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
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

function send(response: ServerResponse, status: number, body: JsonObject): void {
  response.writeHead(status, {
    'Content-Type': 'application/json; charset=utf-8',
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
    ...(status === 401 ? { 'WWW-Authenticate': 'Bearer' } : {}),
    ...(status === 413 ? { Connection: 'close' } : {}),
  })
  response.end(`${JSON.stringify(body)}\n`)
}
