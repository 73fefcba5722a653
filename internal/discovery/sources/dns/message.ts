import { isIP } from 'node:net'
import { type DecodedPacket, decode, encode, type OptAnswer, RECURSION_DESIRED } from 'dns-packet'
import { DiscoveryError } from '../../discovery.ts'
import type { SrvRecord } from './srv.ts'

export type QuestionType = 'SRV' | 'A' | 'AAAA'
export type Question = { readonly type: QuestionType; readonly name: string }

/** One record of an answer, of the kinds that discovery reads. Names are in small letters, without a final dot. */
export type Row = { readonly name: string; readonly ttlSeconds: number } & (
  | { readonly type: 'SRV'; readonly srv: SrvRecord }
  | { readonly type: 'A'; readonly address: string }
  | { readonly type: 'AAAA'; readonly address: string }
  | { readonly type: 'CNAME'; readonly target: string }
)

export type Reply = {
  /** RFC 1035 section 4.1.1: 0 no error, 1 format, 2 server failure, 3 no such name, 4 not implemented, 5 refused. */
  readonly rcode: number
  readonly isTruncated: boolean
  readonly isAuthoritative: boolean
  readonly isRecursive: boolean
  readonly hasSoa: boolean
  /** How long "there is none" holds (RFC 2308): the SOA record's minimum, or its own TTL if that is less. */
  readonly negativeTtlSeconds: number | undefined
  readonly answers: readonly Row[]
  readonly additionals: readonly Row[]
}

/** What fits one unfragmented packet everywhere (DNS flag day 2020). */
const UDP_PAYLOAD_BYTES = 1232
const HEADER_BYTES = 12
/** A name as a server may be asked for it: labels of 1 to 63 characters, 253 in all. */
const LABEL = /^[a-z0-9_-]{1,63}$/
const LONGEST_NAME = 253

/** The name in small letters without its final dot; `undefined` when it is none. */
export function cleanName(name: string): string | undefined {
  const clean = name.toLowerCase().replace(/\.$/, '')
  const isName =
    clean.length <= LONGEST_NAME && clean.split('.').every((label) => LABEL.test(label))
  return isName ? clean : undefined
}

/** The bytes that ask `question`; EDNS0 allows answers of more than 512 bytes over UDP. */
export function encodeQuestion(question: Question, id: number, hasEdns: boolean): Buffer {
  const edns = {
    type: 'OPT' as const,
    name: '.',
    udpPayloadSize: UDP_PAYLOAD_BYTES,
    extendedRcode: 0,
    ednsVersion: 0,
    flags: 0,
    flag_do: false,
    options: [],
  } satisfies OptAnswer
  return encode({
    type: 'query',
    id,
    flags: RECURSION_DESIRED,
    questions: [{ ...question, class: 'IN' }],
    ...(hasEdns ? { additionals: [edns] } : {}),
  })
}

/**
 * Reads `bytes` as the answer to `question`; `undefined` when they answer something else, as forged and late
 * packets do. Throws a `DiscoveryError` when they are ours and no message.
 */
export function decodeReply(bytes: Buffer, question: Question, id: number): Reply | undefined {
  if (bytes.length < HEADER_BYTES || bytes.readUInt16BE(0) !== id) return undefined
  const packet = decoded(bytes)
  if (!packet.flag_qr || !isAbout(packet, question)) return undefined
  return {
    rcode: (packet.flags ?? 0) & 15,
    isTruncated: packet.flag_tc,
    isAuthoritative: packet.flag_aa,
    isRecursive: packet.flag_ra,
    hasSoa: (packet.authorities ?? []).some((record) => record.type === 'SOA'),
    negativeTtlSeconds: negativeTtl(packet),
    answers: (packet.answers ?? []).flatMap(row),
    additionals: (packet.additionals ?? []).flatMap(row),
  }
}

function negativeTtl({ authorities = [] }: DecodedPacket): number | undefined {
  for (const record of authorities)
    if (record.type === 'SOA')
      return Math.min(record.ttl ?? 0, record.data.minimum ?? Number.POSITIVE_INFINITY)
  return undefined
}

function decoded(bytes: Buffer): DecodedPacket {
  try {
    return decode(bytes)
  } catch (error) {
    throw new DiscoveryError('broken', 'the name server sent no DNS message', error)
  }
}

/** An answer repeats its question; servers that do not understand one may leave it out. */
function isAbout({ questions = [], flags = 0 }: DecodedPacket, asked: Question): boolean {
  const [question, ...more] = questions
  if (question === undefined) return (flags & 15) !== 0
  return (
    more.length === 0 &&
    question.type === asked.type &&
    question.class === 'IN' &&
    sameName(question.name, asked.name)
  )
}

const sameName = (one: string, other: string): boolean =>
  one.toLowerCase().replace(/\.$/, '') === other.toLowerCase().replace(/\.$/, '')

type PacketRecord = NonNullable<DecodedPacket['answers']>[number]

/** The record as a row; nothing when it is of another kind, or its names are no names. */
function row(record: PacketRecord): Row[] {
  if (record.type === 'OPT' || record.class !== 'IN') return []
  const name = cleanName(record.name)
  if (name === undefined) return []
  const shared = { name, ttlSeconds: record.ttl ?? 0 }
  switch (record.type) {
    case 'SRV':
      return [{ ...shared, type: 'SRV', srv: srvOf(record.data) }]
    case 'A':
    case 'AAAA':
      return isIP(record.data) === 0 ? [] : [{ ...shared, type: record.type, address: record.data }]
    case 'CNAME': {
      const target = cleanName(record.data)
      return target === undefined ? [] : [{ ...shared, type: 'CNAME', target }]
    }
    default:
      return []
  }
}

/** The target as it came, for whoever reads it to judge. */
function srvOf(data: {
  readonly port: number
  readonly target: string
  readonly priority?: number | undefined
  readonly weight?: number | undefined
}): SrvRecord {
  const { port, target, priority = 0, weight = 0 } = data
  return { priority, weight, port, target: target.toLowerCase() }
}
