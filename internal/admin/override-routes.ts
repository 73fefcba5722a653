import { randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { parseDuration } from '../config/duration.ts'
import { overridden } from '../discovery/explain.ts'
import type { Override } from '../discovery/overrides.ts'
import { foundAtText } from '../discovery/sources/found.ts'
import { bodyText, sendJson } from '../small-exchange.ts'
import type { AdminRoute } from './admin-listener.ts'

/** What the routes change. */
export type OverrideDesk = {
  readonly now: () => number
  /** The lists there are. */
  readonly names: () => readonly string[]
  readonly overrides: () => readonly Override[]
  readonly override: (overrides: readonly Override[]) => void
  readonly log: { info(...words: readonly unknown[]): void }
}

const PATH = '/discovery/overrides'
const MOST_BODY_BYTES = 64 << 10
const MOST_OVERRIDES = 100
const MOST_HOSTS = 1000
/** What is meant for longer belongs into the configuration. */
const LONGEST_MS = 24 * 3_600_000
const KINDS: readonly string[] = ['pin', 'exclude', 'add'] satisfies readonly Override['kind'][]

/**
 * Operators' wishes about a list of hosts, each with an end. `POST /discovery/overrides` with
 * `{"name": "orders", "kind": "exclude", "hosts": ["10.0.0.1:80"], "for": "10m"}` starts one, `GET` lists them,
 * `DELETE /discovery/overrides?id=…` ends one.
 */
export function overrideRoutes(desk: OverrideDesk): AdminRoute[] {
  return [
    {
      method: 'GET',
      path: PATH,
      answer: (_request, response) =>
        sendJson(response, 200, { overrides: desk.overrides().map(overridden) }),
    },
    { method: 'POST', path: PATH, answer: (...pair) => start(desk, ...pair) },
    { method: 'DELETE', path: PATH, answer: (...pair) => end(desk, ...pair) },
  ]
}

async function start(
  desk: OverrideDesk,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const text = await bodyText(request, MOST_BODY_BYTES)
  if (text === undefined)
    return sendJson(response, 413, refused(`more than ${MOST_BODY_BYTES} bytes`))
  const read = readOverride(text, desk.now())
  if (typeof read === 'string') return sendJson(response, 400, refused(read))
  const names = desk.names()
  if (!names.includes(read.name))
    return sendJson(
      response,
      404,
      refused(`no list is called ${read.name}; there are: ${names.join(', ')}`),
    )
  const known = desk.overrides()
  if (known.length >= MOST_OVERRIDES)
    return sendJson(response, 409, refused(`there are ${MOST_OVERRIDES} already`))
  desk.override([...known, read])
  const { kind, name, hosts, untilMs, reason } = read
  desk.log.info(
    `[DISCOVERY: override ${read.id}] ${kind} ${hosts.join(', ')} of ${name}`,
    `until ${new Date(untilMs).toISOString()}${reason === '' ? '' : `: ${reason}`}`,
  )
  sendJson(response, 201, overridden(read))
}

function end(desk: OverrideDesk, { url = '' }: IncomingMessage, response: ServerResponse): void {
  const id = new URLSearchParams(url.split('?')[1] ?? '').get('id') ?? ''
  const known = desk.overrides()
  const left = known.filter((one) => one.id !== id)
  if (left.length === known.length)
    return sendJson(response, 404, refused(`no override has the id ${id}`))
  desk.override(left)
  desk.log.info(`[DISCOVERY: override ${id}] ended`)
  sendJson(response, 200, { overrides: left.map(overridden) })
}

/** What a body asks for, or what is wrong with it. */
function readOverride(text: string, nowMs: number): Override | string {
  const body = parsed(text)
  if (typeof body === 'string') return body
  const { name, sd = '', kind, hosts, for: lasting, reason = '', ...rest } = body
  const [unknown] = Object.keys(rest)
  if (unknown !== undefined)
    return `${unknown}: unknown; allowed: name, sd, kind, hosts, for, reason`
  if (typeof name !== 'string' || name === '') return 'name: the service, as /discovery shows it'
  if (typeof sd !== 'string') return 'sd: a kind of registry'
  if (typeof kind !== 'string' || !KINDS.includes(kind)) return `kind: ${KINDS.join(', ')}`
  if (typeof reason !== 'string' || reason.length > 200) return 'reason: up to 200 characters'
  if (!Array.isArray(hosts) || hosts.length === 0 || hosts.length > MOST_HOSTS)
    return `hosts: 1 to ${MOST_HOSTS} of host:port or URLs`
  const wrong = hosts.find((host) => typeof host !== 'string' || foundAtText(host) === undefined)
  if (wrong !== undefined) return `hosts: ${JSON.stringify(wrong)} is neither host:port nor a URL`
  const duration = typeof lasting === 'string' ? parseDuration(lasting) : { reason: '' }
  if (!('ms' in duration) || duration.ms <= 0 || duration.ms > LONGEST_MS)
    return 'for: a duration such as 10m, at most 24h'
  return {
    id: randomUUID(),
    name,
    sd,
    kind: kind as Override['kind'],
    hosts,
    untilMs: nowMs + duration.ms,
    reason,
  }
}

function parsed(text: string): Record<string, unknown> | string {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null && !Array.isArray(value))
      return value as Record<string, unknown>
    return 'the body is no object'
  } catch {
    return 'the body is no JSON'
  }
}

const refused = (error: string) => ({ error })
