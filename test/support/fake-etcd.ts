import type { ServerResponse } from 'node:http'
import { type FakeRegistry, type Question, sendJson, startFakeRegistry } from './fake-registry.ts'

export type FakeEtcd = FakeRegistry & {
  put(key: string, value: string): void
  remove(key: string): void
  /** Watches below this revision are refused from now on. */
  compact(): void
  /** Tokens given out so far are worthless. */
  expire(): void
  /** How often somebody logged in. */
  logins(): number
}
export type FakeEtcdOptions = {
  readonly basePath?: string
  readonly user?: { readonly name: string; readonly password: string }
  readonly canWatch?: boolean
}
type Watcher = { readonly from: string; readonly to: string; readonly reply: ServerResponse }

const text = (base64: string | undefined) => Buffer.from(base64 ?? '', 'base64').toString()
const base64 = (value: string) => Buffer.from(value).toString('base64')

/** etcd's JSON gateway, as far as reading goes. */
export async function startFakeEtcd(options: FakeEtcdOptions = {}): Promise<FakeEtcd> {
  const { basePath = '/v3', user, canWatch = true } = options
  const keys = new Map<string, { value: string; revision: number }>()
  const history: { key: string; revision: number; isDeleted: boolean }[] = []
  const watchers = new Set<Watcher>()
  let revision = 1
  let compacted = 0
  let token = 0
  let logins = 0

  const header = () => ({
    cluster_id: '1',
    member_id: '2',
    revision: String(revision),
    raft_term: '2',
  })
  const isWatched = ({ from, to }: Watcher, key: string) =>
    to === '' ? key === from : key >= from && key < to

  function changed(key: string, isDeleted: boolean) {
    history.push({ key, revision, isDeleted })
    for (const watcher of watchers) if (isWatched(watcher, key)) tell(watcher, key, isDeleted)
  }
  function tell({ reply }: Watcher, key: string, isDeleted: boolean) {
    const kv = { key: base64(key), mod_revision: String(revision) }
    const event = isDeleted ? { type: 'DELETE', kv } : { kv }
    reply.write(`${JSON.stringify({ result: { header: header(), events: [event] } })}\n`)
  }

  function range({ body, reply }: Question) {
    const { key, range_end } = JSON.parse(body)
    const watched = { from: text(key), to: text(range_end), reply }
    const kvs = [...keys]
      .filter(([name]) => isWatched(watched, name))
      .map(([name, { value, revision: at }]) => ({
        key: base64(name),
        mod_revision: String(at),
        ...(value === '' ? {} : { value: base64(value) }),
      }))
    sendJson(reply, {
      header: header(),
      ...(kvs.length === 0 ? {} : { kvs, count: String(kvs.length) }),
    })
  }

  function watch({ body, reply }: Question) {
    const { key, range_end, start_revision } = JSON.parse(body).create_request
    const watcher = { from: text(key), to: text(range_end), reply }
    const line = (result: object) => reply.write(`${JSON.stringify({ result })}\n`)
    reply.writeHead(200, { 'content-type': 'application/json' })
    line({ header: header(), created: true })
    if (Number(start_revision) <= compacted) {
      // As the real one does: canceled, and the answer stays open.
      line({ header: {}, canceled: true, compact_revision: String(compacted) })
      return
    }
    for (const past of history)
      if (past.revision >= Number(start_revision) && isWatched(watcher, past.key))
        tell(watcher, past.key, past.isDeleted)
    watchers.add(watcher)
    reply.once('close', () => watchers.delete(watcher))
  }

  const fake = await startFakeRegistry((question) => {
    const { path, body, reply, headers } = question
    if (!path.startsWith(`${basePath}/`)) return void reply.writeHead(404).end('Not Found')
    const word = path.slice(basePath.length)
    if (word === '/auth/authenticate') {
      if (user === undefined)
        return sendJson(
          reply,
          { message: 'etcdserver: authentication is not enabled', code: 9 },
          400,
        )
      const { name, password } = JSON.parse(body)
      if (name !== user.name || password !== user.password)
        return sendJson(
          reply,
          { message: 'etcdserver: authentication failed, invalid user ID or password', code: 3 },
          400,
        )
      logins++
      return sendJson(reply, { header: header(), token: `secret-token.${token}` })
    }
    if (user !== undefined) {
      const { authorization } = headers
      if (authorization === undefined)
        return sendJson(reply, { message: 'etcdserver: user name is empty', code: 3 }, 400)
      if (authorization !== `secret-token.${token}`)
        return sendJson(reply, { message: 'etcdserver: invalid auth token', code: 16 }, 401)
    }
    if (word === '/kv/range') return range(question)
    if (word === '/watch' && canWatch) return watch(question)
    reply.writeHead(404).end('Not Found')
  })
  return {
    ...fake,
    put(key, value) {
      keys.set(key, { value, revision: ++revision })
      changed(key, false)
    },
    remove(key) {
      revision++
      if (keys.delete(key)) changed(key, true)
    },
    compact() {
      compacted = revision
    },
    expire: () => void token++,
    logins: () => logins,
  }
}
