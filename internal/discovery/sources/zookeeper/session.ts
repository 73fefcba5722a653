import type { Socket } from 'node:net'
import { DiscoveryError } from '../../discovery.ts'
import { encodeFrame, frameReader, JuteReader, type JuteValue } from './jute.ts'
import { socketTo, type ZooKeeperAddress } from './socket.ts'

/** ZooKeeper's own limit is 1 MB by default; a list of many children may have been allowed more. */
const MOST_BYTES = 16 * 2 ** 20
const CONNECT_MS = 2000
const SESSION_MS = 10_000
const PASSWORD_BYTES = 16

const OPERATIONS = {
  exists: 3,
  getData: 4,
  ping: 11,
  getChildren: 12,
  close: -11,
  auth: 100,
} as const
const EVENT_XID = -1
const PING_XID = -2
const AUTH_XID = -4
const NO_NODE = -101
const HIGHEST_XID = 0x7fffffff
const REFUSALS: Readonly<Record<number, string>> = {
  [-102]: 'no right to read this node',
  [-112]: 'the session is over',
  [-115]: 'user and password are refused',
}

/** What happened to a watched node. */
export type ZooKeeperEvent = { readonly path: string }

export type ZooKeeperLogin = { readonly username: string; readonly password: string }
type Waiting = {
  readonly resolve: (reader: JuteReader | undefined) => void
  readonly reject: (error: unknown) => void
}

/** One session: nothing is written in it, so when its connection breaks it is given up and another one opened. */
export class ZooKeeperSession {
  /** Rejects, with a `DiscoveryError`, when the session is lost or closed. */
  readonly lost: Promise<never>
  readonly #who: string
  readonly #socket: Socket
  readonly #waiting = new Map<number, Waiting>()
  readonly #listeners = new Set<(event: ZooKeeperEvent) => void>()
  readonly #opened = Promise.withResolvers<void>()
  readonly #lost = Promise.withResolvers<never>()
  #pinging: NodeJS.Timeout | undefined
  #isOpen = false
  #xid = 0
  #heardAtMs = performance.now()

  private constructor(address: ZooKeeperAddress) {
    this.#who = `zookeeper ${address.host}:${address.port}`
    this.#socket = socketTo(address)
    this.lost = this.#lost.promise
    this.lost.catch(() => {}) // Whoever works in the session is told; it may be nobody.
    this.#attach()
  }

  /** Opens a session with one server. */
  static async open(address: ZooKeeperAddress, login?: ZooKeeperLogin): Promise<ZooKeeperSession> {
    const session = new ZooKeeperSession(address)
    session.#socket.write(
      encodeFrame([
        ...[{ int: 0 }, { long: 0n }, { int: SESSION_MS }, { long: 0n }],
        ...[{ buffer: Buffer.alloc(PASSWORD_BYTES) }, { bool: false }],
      ]),
    )
    await session.#opened.promise
    if (login !== undefined) session.#logIn(login)
    return session
  }

  /** `undefined`: there is no such node. With `watched`, one event tells of its next change. */
  async children(path: string, watched: boolean): Promise<readonly string[] | undefined> {
    const reply = await this.#request(OPERATIONS.getChildren, path, watched)
    return reply?.texts()
  }

  /** The same for a node's data. */
  async data(path: string, watched: boolean): Promise<Buffer | undefined> {
    const reply = await this.#request(OPERATIONS.getData, path, watched)
    return reply?.buffer()
  }

  /** Watches for a node that is not there. */
  async exists(path: string): Promise<boolean> {
    return (await this.#request(OPERATIONS.exists, path, true)) !== undefined
  }

  /** The returned function takes `listener` back. */
  onEvent(listener: (event: ZooKeeperEvent) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  close(): void {
    if (!this.#socket.destroyed) this.#send(++this.#xid, OPERATIONS.close, [])
    this.#lose('the session is closed')
  }

  #logIn({ username, password }: ZooKeeperLogin): void {
    const auth = Buffer.from(`${username}:${password}`)
    this.#send(AUTH_XID, OPERATIONS.auth, [{ int: 0 }, { text: 'digest' }, { buffer: auth }])
  }

  #request(operation: number, path: string, watched: boolean): Promise<JuteReader | undefined> {
    if (this.#socket.destroyed) return this.lost
    const { promise, resolve, reject } = Promise.withResolvers<JuteReader | undefined>()
    this.#xid = (this.#xid + 1) & HIGHEST_XID
    this.#waiting.set(this.#xid, { resolve, reject })
    this.#send(this.#xid, operation, [{ text: path }, { bool: watched }])
    return promise
  }

  #send(xid: number, operation: number, values: readonly JuteValue[]): void {
    this.#socket.write(encodeFrame([{ int: xid }, { int: operation }, ...values]))
  }

  /** Feeds on what comes, and is lost when nothing more will. */
  #attach(): void {
    const frames = frameReader(MOST_BYTES)
    this.#socket.setTimeout(CONNECT_MS)
    this.#socket.on('timeout', () => this.#lose('no answer in time'))
    this.#socket.on('error', (error) => this.#lose(error.message))
    this.#socket.on('close', () => this.#lose('the connection was closed'))
    this.#socket.on('data', (chunk) => {
      this.#heardAtMs = performance.now()
      try {
        const whole = frames(chunk)
        if (whole === undefined) return this.#lose('no answer of ZooKeeper', 'broken')
        for (const frame of whole) this.#take(new JuteReader(frame))
      } catch (error) {
        this.#lose(error instanceof Error ? error.message : String(error), 'broken')
      }
    })
  }

  #take(frame: JuteReader): void {
    if (this.#isOpen) this.#hear(frame)
    else this.#accept(frame)
  }

  #accept(frame: JuteReader): void {
    frame.int()
    const timeoutMs = frame.int()
    // An ensemble without quorum hangs up instead; 0 says that the session is refused.
    if (timeoutMs <= 0) return this.#lose('the session is refused')
    this.#isOpen = true
    // Our pings are activity too: silence is measured by what comes.
    this.#socket.setTimeout(0)
    this.#pinging = setInterval(() => {
      if (performance.now() - this.#heardAtMs > (timeoutMs * 2) / 3) this.#lose('no answer in time')
      else this.#send(PING_XID, OPERATIONS.ping, [])
    }, timeoutMs / 3).unref()
    this.#opened.resolve()
  }

  #hear(frame: JuteReader): void {
    const xid = frame.int()
    frame.long()
    const code = frame.int()
    if (xid === AUTH_XID && code !== 0) return this.#lose(reasonOf(code))
    if (xid !== EVENT_XID) return this.#settle(xid, code, frame)
    // Its kind and the state of the session: what changed is read again, whatever it was.
    frame.int()
    frame.int()
    const event = { path: frame.text() }
    for (const listener of this.#listeners) listener(event)
  }

  #settle(xid: number, code: number, frame: JuteReader): void {
    const waiting = this.#waiting.get(xid)
    this.#waiting.delete(xid)
    if (code === 0) waiting?.resolve(frame)
    else if (code === NO_NODE) waiting?.resolve(undefined)
    else waiting?.reject(new DiscoveryError('unreachable', `${this.#who}: ${reasonOf(code)}`))
  }

  #lose(reason: string, failure: 'unreachable' | 'broken' = 'unreachable'): void {
    const error = new DiscoveryError(failure, `${this.#who}: ${reason}`)
    clearInterval(this.#pinging)
    this.#socket.destroy()
    this.#opened.reject(error)
    this.#lost.reject(error)
    for (const { reject } of this.#waiting.values()) reject(error)
    this.#waiting.clear()
  }
}

const reasonOf = (code: number): string => REFUSALS[code] ?? `error ${code}`
