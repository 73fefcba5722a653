import { hash } from 'node:crypto'
import { connect } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import {
  encodeFrame,
  frameReader,
  JuteReader,
  type JuteValue,
} from '../../internal/discovery/sources/zookeeper/jute.ts'
import type { ZooKeeperLogin } from '../../internal/discovery/sources/zookeeper/session.ts'

const [CREATE, DELETE, CLOSE] = [1, 2, -11]
const ALL_RIGHTS = 31
const NODE_EXISTS = -110
const SESSION_MS = 10_000
const MOST_TRIES = 50
const RETRY_MS = 100

const ANYONE = [{ text: 'world' }, { text: 'anyone' }]

/** As ZooKeeper itself writes users of the digest scheme down. */
const only = ({ username, password }: ZooKeeperLogin) => [
  { text: 'digest' },
  { text: `${username}:${hash('sha1', `${username}:${password}`, 'base64')}` },
]

export type ZooKeeperWriter = {
  /** Creates the node; one that is there stays as it is. Only `owner` may read it, if one is named. */
  create(path: string, data: string, owner?: ZooKeeperLogin): Promise<void>
  remove(path: string): Promise<void>
  close(): void
}

/** Writes into a real ZooKeeper: its own command line takes a second a word. One that starts hangs up at first. */
export async function zooKeeperWriter(port: number): Promise<ZooKeeperWriter> {
  for (let turn = 1; ; turn++) {
    try {
      return await writerAt(port)
    } catch (error) {
      if (turn === MOST_TRIES) throw error
      await wait(RETRY_MS)
    }
  }
}

async function writerAt(port: number): Promise<ZooKeeperWriter> {
  const socket = connect(port, '127.0.0.1')
  const waiting: ((frame: Buffer) => void)[] = []
  const frames = frameReader(2 ** 20)
  const lost = Promise.withResolvers<never>()
  lost.promise.catch(() => {}) // Whoever asks is told.
  socket.on('error', () => {}) // It closes then.
  socket.on('close', () => lost.reject(new Error(`ZooKeeper at ${port} hung up`)))
  socket.on('data', (chunk) => {
    for (const frame of frames(chunk) ?? []) waiting.shift()?.(frame)
  })
  let xid = 0
  function ask(values: readonly JuteValue[]): Promise<JuteReader> {
    const { promise, resolve } = Promise.withResolvers<Buffer>()
    waiting.push(resolve)
    socket.write(encodeFrame(values))
    return Promise.race([promise, lost.promise]).then((frame) => new JuteReader(frame))
  }
  async function request(operation: number, values: readonly JuteValue[]): Promise<number> {
    const reply = await ask([{ int: ++xid }, { int: operation }, ...values])
    reply.int()
    reply.long()
    return reply.int()
  }
  await ask([
    ...[{ int: 0 }, { long: 0n }, { int: SESSION_MS }, { long: 0n }],
    ...[{ buffer: Buffer.alloc(16) }, { bool: false }],
  ])
  return {
    async create(path, data, owner) {
      const rights = [
        { int: 1 },
        { int: ALL_RIGHTS },
        ...(owner === undefined ? ANYONE : only(owner)),
      ]
      const code = await request(CREATE, [{ text: path }, { text: data }, ...rights, { int: 0 }])
      if (code !== 0 && code !== NODE_EXISTS) throw new Error(`create ${path}: error ${code}`)
    },
    async remove(path) {
      await request(DELETE, [{ text: path }, { int: -1 }])
    },
    close() {
      socket.end(encodeFrame([{ int: ++xid }, { int: CLOSE }]))
    },
  }
}
