import { setTimeout as wait } from 'node:timers/promises'
import type { Answer, Source, SourceFactory } from '../../discovery.ts'
import { hostOf, isPort } from '../found.ts'
import { readOptions } from '../read-options.ts'
import { untilOver } from '../until-over.ts'
import { secretValue } from '../watched-file.ts'
import { judgeNode } from './node.ts'
import type { ZooKeeperLogin, ZooKeeperSession } from './session.ts'
import { type Server, sharedSession } from './shared-session.ts'
import { tlsOptions } from './tls-options.ts'

const DEFAULT_SERVERS = ['127.0.0.1:2181']
const DEFAULT_PATH = '/services'
const DEFAULT_PORT = 2181
/** Pings prove the session: what was told is told again this often. */
const CONFIRM_MS = 30_000

/** Services as nodes whose children are the instances (Curator's JSON, or `host:port`), watched in one session. */
export const zookeeperSource: SourceFactory = (written, scope) => {
  const options = readOptions('zookeeper', written)
  const servers = (options.texts('servers') ?? DEFAULT_SERVERS)
    .flatMap((one) => one.split(','))
    .map((one) => {
      const server = serverOf(one)
      if (server === undefined) throw options.wrong('servers', 'addresses such as 127.0.0.1:2181')
      return server
    })
  const base = options.text('path') ?? DEFAULT_PATH
  const tls = tlsOptions(options)
  const username = options.text('username')
  const password = secretValue({
    value: options.text('password'),
    file: options.text('password_file'),
    hide: scope.secret,
  })
  const login = async (): Promise<ZooKeeperLogin | undefined> =>
    username === undefined ? undefined : { username, password: (await password()) ?? '' }
  const sessions = sharedSession({ servers, login, tls, random: scope.random })
  const nodeOf = (service: string) => nodePath(base, service)

  return {
    ask: (service, signal) =>
      untilOver(
        sessions.get().then((session) => read(session, nodeOf(service))),
        signal,
      ),
    watch: (service, tell, signal) => watch(sessions.get, nodeOf(service), tell, signal),
    close: sessions.close,
  } satisfies Source
}

function serverOf(text: string): Server | undefined {
  const [, bracketed, name, port = String(DEFAULT_PORT)] =
    /^\s*(?:\[([^\]]+)\]|([^:\s]+))(?::(\d+))?\s*$/.exec(text) ?? []
  const host = hostOf(bracketed ?? name ?? '')
  return host !== undefined && isPort(Number(port)) ? { host, port: Number(port) } : undefined
}

/** `orders` below the base path; a name that begins with a slash is a path of its own. */
function nodePath(base: string, service: string): string {
  const path = service.startsWith('/') ? service : `/${base}/${service}`
  return path.replaceAll(/\/+/g, '/').replace(/(.)\/$/, '$1')
}

async function read(session: ZooKeeperSession, path: string): Promise<Answer> {
  const children = await session.children(path, false)
  if (children === undefined) return unknown(path)
  const nodes = await Promise.all(
    children.map(async (name) => ({ name, data: await session.data(`${path}/${name}`, false) })),
  )
  return answerOf(nodes)
}

const unknown = (path: string): Answer => ({
  instances: [],
  notes: [`there is no node ${path}`],
  isUnknown: true,
})

/** A child without data in between is gone since its name was read. */
function answerOf(
  nodes: Iterable<{ readonly name: string; readonly data: Buffer | undefined }>,
): Answer {
  const judged = [...nodes].flatMap(({ name, data }) =>
    data === undefined ? [] : judgeNode(name, data),
  )
  return {
    instances: judged.flatMap(({ instances }) => instances),
    notes: judged.length === 0 ? ['the node has no children'] : judged.map(({ note }) => note),
  }
}

/** Reads what changed after each event, and tells the whole. Ends with the session. */
async function watch(
  get: () => Promise<ZooKeeperSession>,
  path: string,
  tell: (answer: Answer) => void,
  signal: AbortSignal,
): Promise<void> {
  try {
    const session = await untilOver(get(), signal)
    const known = new Map<string, Buffer>()
    const changed = new Set<string>()
    let happened = Promise.withResolvers<void>()
    const forget = session.onEvent((event) => {
      if (event.path !== path && !event.path.startsWith(`${path}/`)) return
      // Only noted: the data that this is about may still be on its way from the read before.
      changed.add(event.path.slice(path.length + 1))
      happened.resolve()
    })
    try {
      for (;;) {
        const news = happened.promise
        for (const name of changed) known.delete(name)
        changed.clear()
        const answer = await untilOver(readWatched(session, path, known), signal)
        tell(answer)
        await confirmUntil(Promise.race([news, session.lost]), () => tell(answer), signal)
        happened = Promise.withResolvers<void>()
      }
    } finally {
      forget()
    }
  } catch (error) {
    if (!signal.aborted) throw error
  }
}

/** Each read sets the watch that its change will use up; nodes that did not change are not read again. */
async function readWatched(
  session: ZooKeeperSession,
  path: string,
  known: Map<string, Buffer>,
): Promise<Answer> {
  const children = await session.children(path, true)
  if (children === undefined) {
    known.clear()
    // Created in between: then it is read at once.
    return (await session.exists(path)) ? readWatched(session, path, known) : unknown(path)
  }
  const names = new Set(children)
  for (const name of known.keys()) if (!names.has(name)) known.delete(name)
  const nodes = children.map(async (name) => {
    const data = known.get(name) ?? (await session.data(`${path}/${name}`, true))
    if (data !== undefined) known.set(name, data)
    return { name, data }
  })
  return answerOf(await Promise.all(nodes))
}

async function confirmUntil(
  news: Promise<void>,
  confirm: () => void,
  signal: AbortSignal,
): Promise<void> {
  const done = new AbortController()
  const over = AbortSignal.any([signal, done.signal])
  const confirming = (async () => {
    for (;;) {
      await wait(CONFIRM_MS, undefined, { signal: over, ref: false })
      confirm()
    }
  })()
  try {
    await Promise.race([news, confirming])
  } finally {
    confirming.catch(() => {}) // Ended by the next line.
    done.abort()
  }
}
