import { createSocket, type RemoteInfo, type Socket as UdpSocket } from 'node:dgram'
import { createServer, type Server, type Socket } from 'node:net'
import { type Answer, decode, encode, type Packet, type Question } from 'dns-packet'

/** One record of the zone. */
export type DnsRecord = Answer

/** What the server does with one question instead of answering it from its zone. */
export type DnsFault =
  | { readonly kind: 'silence' }
  | { readonly kind: 'rcode'; readonly rcode: number }
  | { readonly kind: 'truncate' }
  | { readonly kind: 'wrong-id' }
  | { readonly kind: 'wrong-question' }
  | { readonly kind: 'bytes'; readonly bytes: Buffer }
  | { readonly kind: 'delay'; readonly delayMs: number }
  | { readonly kind: 'no-edns' }
  | { readonly kind: 'drip' }
  | { readonly kind: 'close' }

/** Which question over which transport; `undefined` answers from the zone. */
export type DnsScript = (question: Question, transport: 'udp' | 'tcp') => DnsFault | undefined

export type AskedQuestion = {
  readonly name: string
  readonly type: string
  readonly transport: 'udp' | 'tcp'
  readonly port: number
  readonly hasEdns: boolean
}

const AUTHORITATIVE = 1 << 10
const TRUNCATED = 1 << 9
const NO_SUCH_NAME = 3

/** An authoritative name server on loopback whose zone and faults a test or the demo sets. */
export class DnsServer {
  /** Replaced at any time. */
  records: readonly DnsRecord[]
  script: DnsScript = () => undefined
  /** Goes with answers without records: how long "there is none" holds. */
  soa: DnsRecord | undefined
  /** Every question, in the order of arrival. */
  readonly asked: AskedQuestion[] = []
  readonly #udp: UdpSocket
  readonly #tcp: Server
  readonly #connections = new Set<Socket>()
  readonly #listeners = new Set<() => void>()

  private constructor(records: readonly DnsRecord[], udp: UdpSocket, tcp: Server) {
    this.records = records
    this.#udp = udp
    this.#tcp = tcp
    udp.on('message', (bytes, from) => this.#hearUdp(bytes, from))
    tcp.on('connection', (socket) => this.#hearTcp(socket))
  }

  /** Listens on loopback, UDP and TCP on the same port (a free one for 0). Rejects when it is taken. */
  static async start(records: readonly DnsRecord[], port = 0): Promise<DnsServer> {
    const tcp = createServer()
    await new Promise<void>((resolve, reject) => {
      tcp.once('error', reject)
      tcp.listen(port, '127.0.0.1', resolve)
    })
    const udp = createSocket('udp4')
    try {
      await new Promise<void>((resolve, reject) => {
        udp.once('error', reject)
        udp.bind(portOf(tcp), '127.0.0.1', resolve)
      })
    } catch (error) {
      tcp.close()
      // A free TCP port whose UDP side is taken: another one will do, if any does.
      if (port !== 0) throw error
      return DnsServer.start(records, port)
    }
    return new DnsServer(records, udp, tcp)
  }

  get port(): number {
    return portOf(this.#tcp)
  }

  get address(): string {
    return `127.0.0.1:${this.port}`
  }

  /** Resolves when `count` questions (of `type`, if given) have arrived in all. */
  async whenAsked(count: number, type?: string): Promise<void> {
    const isThere = () =>
      this.asked.filter((one) => type === undefined || one.type === type).length >= count
    while (!isThere()) await new Promise<void>((resolve) => this.#listeners.add(resolve))
  }

  async close(): Promise<void> {
    for (const socket of this.#connections) socket.destroy()
    await Promise.all([
      new Promise<void>((resolve) => this.#udp.close(resolve)),
      new Promise((resolve) => this.#tcp.close(resolve)),
    ])
  }

  #hearUdp(bytes: Buffer, from: RemoteInfo): void {
    this.#answer(bytes, 'udp', from.port, (reply) => this.#udp.send(reply, from.port, from.address))
  }

  #hearTcp(socket: Socket): void {
    this.#connections.add(socket)
    socket.on('error', () => {})
    socket.on('close', () => this.#connections.delete(socket))
    let pending = Buffer.alloc(0)
    socket.on('data', (piece) => {
      pending = Buffer.concat([pending, piece])
      while (pending.length >= 2 && pending.length >= 2 + pending.readUInt16BE(0)) {
        const end = 2 + pending.readUInt16BE(0)
        this.#answer(pending.subarray(2, end), 'tcp', socket.remotePort ?? 0, send, socket)
        pending = pending.subarray(end)
      }
    })

    function send(reply: Buffer): void {
      const length = Buffer.alloc(2)
      length.writeUInt16BE(reply.length)
      socket.write(Buffer.concat([length, reply]))
    }
  }

  #answer(
    bytes: Buffer,
    transport: 'udp' | 'tcp',
    port: number,
    send: (reply: Buffer) => void,
    socket?: Socket,
  ): void {
    const query = decode(bytes)
    const [question] = query.questions ?? []
    if (question === undefined) return
    const hasEdns = (query.additionals ?? []).some((record) => record.type === 'OPT')
    this.asked.push({ name: question.name, type: question.type, transport, port, hasEdns })
    for (const listener of this.#listeners) listener()
    this.#listeners.clear()
    const fault = this.script(question, transport)
    const reply = this.#reply(query.id ?? 0, question)
    if (fault === undefined) send(encode(reply))
    else misbehave(fault, { query, question, reply, hasEdns, send, socket })
  }

  #reply(id: number, question: Question): Packet {
    const name = question.name.toLowerCase()
    const owned = this.records.filter((record) => record.name.toLowerCase() === name)
    const aliases = owned.filter((record) => record.type === 'CNAME')
    const own = owned.filter((record) => record.type === question.type)
    const answers = own.length > 0 ? own : [...aliases, ...this.#behind(aliases, question)]
    const targets = answers.flatMap((record) => (record.type === 'SRV' ? [record.data.target] : []))
    const additionals = this.records.filter(
      (record) => (record.type === 'A' || record.type === 'AAAA') && targets.includes(record.name),
    )
    const rcode = owned.length === 0 ? NO_SUCH_NAME : 0
    return {
      type: 'response',
      id,
      flags: AUTHORITATIVE | rcode,
      questions: [question],
      answers,
      additionals,
      ...(answers.length === 0 && this.soa !== undefined ? { authorities: [this.soa] } : {}),
    }
  }

  #behind(aliases: readonly DnsRecord[], question: Question): DnsRecord[] {
    const [alias] = aliases
    if (alias?.type !== 'CNAME') return []
    return this.records.filter(
      (record) => record.name === alias.data && record.type === question.type,
    )
  }
}

type Situation = {
  readonly query: Packet
  readonly question: Question
  readonly reply: Packet
  readonly hasEdns: boolean
  readonly send: (reply: Buffer) => void
  readonly socket: Socket | undefined
}

function misbehave(fault: DnsFault, { question, reply, hasEdns, send, socket }: Situation): void {
  const bare = { ...reply, answers: [], additionals: [] }
  const flags = reply.flags ?? 0
  switch (fault.kind) {
    case 'silence':
      return
    case 'rcode':
      return send(encode({ ...bare, flags: (flags & ~15) | fault.rcode }))
    case 'truncate':
      return send(encode({ ...bare, flags: flags | TRUNCATED }))
    case 'wrong-id':
      return send(encode({ ...reply, id: ((reply.id ?? 0) + 1) & 0xffff }))
    case 'wrong-question':
      return send(encode({ ...reply, questions: [{ ...question, name: `x.${question.name}` }] }))
    case 'bytes':
      return sendBytes(fault.bytes, reply.id ?? 0, send)
    case 'delay':
      setTimeout(() => send(encode(reply)), fault.delayMs).unref()
      return
    case 'no-edns':
      return send(encode(hasEdns ? { ...bare, flags: (flags & ~15) | 1 } : reply))
    case 'drip':
      return drip(socket, encode(reply))
    case 'close':
      socket?.destroy()
  }
}

/** The bytes with the right id in front, so that they are taken for the answer. */
function sendBytes(bytes: Buffer, id: number, send: (reply: Buffer) => void): void {
  const own = Buffer.from(bytes)
  if (own.length >= 2) own.writeUInt16BE(id)
  send(own)
}

/** Announces a long message and sends one byte after the other, for ever. */
function drip(socket: Socket | undefined, message: Buffer): void {
  if (socket === undefined) return
  socket.write(Buffer.from([0xff, 0xff]))
  const timer = setInterval(() => socket.write(message.subarray(0, 1)), 20).unref()
  socket.on('close', () => clearInterval(timer))
}

function portOf(server: Server): number {
  const address = server.address()
  return typeof address === 'object' && address !== null ? address.port : 0
}
