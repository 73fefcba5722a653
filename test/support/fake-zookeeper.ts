import { createServer, type Server, type Socket } from 'node:net'
import { createServer as createTlsServer, type TlsOptions } from 'node:tls'
import type { Fault } from '../../internal/discovery/sources/contract.ts'
import {
  encodeFrame,
  frameReader,
  JuteReader,
  type JuteValue,
} from '../../internal/discovery/sources/zookeeper/jute.ts'
import { freePort } from './free-port.ts'

export type FakeZooKeeper = AsyncDisposable & {
  readonly address: string
  /** Creates the node and those above it, or changes its data. */
  put(path: string, data: string): void
  remove(path: string): void
  fault(kind: Fault): Promise<void>
  /** How often each node's data was read. */
  readonly reads: Map<string, number>
  /** `user:password`s that sessions gave. */
  readonly logins: string[]
}

const [DATA_CHANGED, DELETED, CHILDREN_CHANGED, CREATED] = [3, 2, 4, 1]
const NO_NODE = -101
const parentOf = (path: string) => path.slice(0, path.lastIndexOf('/')) || '/'

/** One ZooKeeper server, as far as reading and watching go; with `tls` it speaks nothing else. */
export async function startFakeZooKeeper(tls?: TlsOptions): Promise<FakeZooKeeper> {
  const port = await freePort()
  const nodes = new Map([['/', '']])
  const reads = new Map<string, number>()
  const logins: string[] = []
  const sockets = new Set<Socket>()
  /** `data /a` or `children /a` → who is told, once. */
  const watches = new Map<string, Set<Socket>>()
  let fault: Fault = 'none'
  let server: Server | undefined

  function watch(kind: string, path: string, socket: Socket): void {
    const key = `${kind} ${path}`
    const watching = watches.get(key) ?? new Set()
    watches.set(key, watching.add(socket))
  }
  function tell(kind: string, path: string, type = 0): void {
    const key = `${kind} ${path}`
    const watching = watches.get(key) ?? []
    watches.delete(key)
    const event = [{ int: -1 }, { long: 0n }, { int: 0 }, { int: type }, { int: 3 }, { text: path }]
    for (const socket of watching) socket.write(encodeFrame(event))
  }

  function answer(socket: Socket, frame: Buffer): void {
    const reader = new JuteReader(frame)
    const xid = reader.int()
    const operation = reader.int()
    const reply = (code: number, values: readonly JuteValue[] = []) =>
      socket.write(encodeFrame([{ int: xid }, { long: 1n }, { int: code }, ...values]))
    if (operation === 11) return void reply(0)
    if (operation === -11) return void socket.end()
    if (operation === 100) {
      reader.int()
      reader.text()
      logins.push(reader.text())
      return void reply(0)
    }
    if (fault === 'error') return void reply(-1)
    const path = reader.text()
    const watched = reader.bool()
    const data = nodes.get(path)
    const kind = operation === 12 ? 'children' : 'data'
    if (watched && (data !== undefined || operation === 3)) watch(kind, path, socket)
    if (data === undefined) return void reply(NO_NODE)
    if (operation === 4) {
      reads.set(path, (reads.get(path) ?? 0) + 1)
      return void reply(0, [{ text: data }])
    }
    if (operation === 3) return void reply(0)
    const names = [...nodes.keys()].filter((one) => one !== '/' && parentOf(one) === path)
    const texts = names.map((name) => ({ text: name.slice(name.lastIndexOf('/') + 1) }))
    reply(0, [{ int: texts.length }, ...texts])
  }

  function serve(socket: Socket): void {
    sockets.add(socket)
    socket.setNoDelay(true)
    socket.on('error', () => {})
    socket.once('close', () => {
      sockets.delete(socket)
      for (const watching of watches.values()) watching.delete(socket)
    })
    const frames = frameReader(2 ** 20)
    let isOpen = false
    socket.on('data', (chunk) => {
      for (const frame of frames(chunk) ?? []) {
        if (fault === 'slow') continue
        if (fault === 'garbage') socket.write('HTTP/1.1 400 Bad Request\r\n\r\n')
        else if (isOpen) answer(socket, frame)
        else {
          isOpen = true
          const session = [
            { int: 0 },
            { int: 4000 },
            { long: 7n },
            { text: '0123456789abcdef' },
            { bool: false },
          ]
          socket.write(encodeFrame(session))
        }
      }
    })
  }
  async function up(): Promise<void> {
    const started = tls === undefined ? createServer(serve) : createTlsServer(tls, serve)
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    started.once('error', reject)
    started.listen(port, '127.0.0.1', resolve)
    await promise
    server = started
  }
  async function down(): Promise<void> {
    const running = server
    server = undefined
    if (running === undefined) return
    const { promise, resolve } = Promise.withResolvers<void>()
    running.close(() => resolve())
    for (const socket of sockets) socket.destroy()
    await promise
  }

  function put(path: string, data: string): void {
    if (parentOf(path) !== '/' && !nodes.has(parentOf(path))) put(parentOf(path), '')
    const isNew = !nodes.has(path)
    nodes.set(path, data)
    tell('data', path, isNew ? CREATED : DATA_CHANGED)
    if (isNew) tell('children', parentOf(path), CHILDREN_CHANGED)
  }

  await up()
  return {
    address: `127.0.0.1:${port}`,
    reads,
    logins,
    put,
    remove(path) {
      if (!nodes.delete(path)) return
      tell('data', path, DELETED)
      tell('children', path, DELETED)
      tell('children', parentOf(path), CHILDREN_CHANGED)
    },
    async fault(kind) {
      fault = kind
      if (kind === 'down') await down()
      else if (server === undefined) await up()
    },
    [Symbol.asyncDispose]: down,
  }
}
