import { readFile } from 'node:fs/promises'
import { type NameServer, nameServer } from './name-server.ts'

/** What the machine says about asking (`man resolv.conf`). */
export type ResolvConf = {
  readonly servers: readonly NameServer[]
  readonly search: readonly string[]
  /** A name with at least this many dots is tried as it stands first. */
  readonly ndots: number
  readonly timeoutMs: number
  readonly attempts: number
  readonly rotate: boolean
  readonly useTcp: boolean
}

/** Of several servers one may be dead: 5 s, the usual time-out, is longer than most endpoints have. */
const TIMEOUT_MS = 2000
const MOST_SERVERS = 8
const MOST_SEARCH = 32

export const DEFAULTS: ResolvConf = {
  servers: [{ address: '127.0.0.1', port: 53 }],
  search: [],
  ndots: 1,
  timeoutMs: TIMEOUT_MS,
  attempts: 2,
  rotate: false,
  useTcp: false,
}

/** Reads a resolver configuration. Lines that make no sense are passed over, as every resolver does. */
export function parseResolvConf(text: string): ResolvConf {
  const servers: NameServer[] = []
  let conf = DEFAULTS
  for (const line of text.split('\n')) {
    const [word = '', ...rest] = line
      .replace(/[#;].*$/, '')
      .trim()
      .split(/\s+/)
    if (word === 'nameserver') {
      const server = nameServer(rest[0] ?? '')
      if (server !== undefined && servers.length < MOST_SERVERS) servers.push(server)
    } else if (word === 'search') conf = { ...conf, search: domains(rest) }
    else if (word === 'domain') conf = { ...conf, search: domains(rest.slice(0, 1)) }
    else if (word === 'options') for (const option of rest) conf = { ...conf, ...read(option) }
  }
  return servers.length === 0 ? conf : { ...conf, servers }
}

/** The machine's own; the defaults when there is none. */
export async function readResolvConf(path = '/etc/resolv.conf'): Promise<ResolvConf> {
  try {
    return parseResolvConf(await readFile(path, 'utf8'))
  } catch {
    // No file (or none that can be read) means a name server on this machine, as for every resolver.
    return DEFAULTS
  }
}

const domains = (words: readonly string[]): string[] =>
  words
    .map((word) => word.toLowerCase().replace(/\.$/, ''))
    .filter((word) => word !== '')
    .slice(0, MOST_SEARCH)

function read(option: string): Partial<ResolvConf> {
  const [name, value = ''] = option.split(':')
  const number = /^\d{1,4}$/.test(value) ? Number(value) : undefined
  if (name === 'rotate') return { rotate: true }
  if (name === 'use-vc') return { useTcp: true }
  if (number === undefined) return {}
  if (name === 'ndots') return { ndots: Math.min(number, 15) }
  if (name === 'timeout') return { timeoutMs: Math.min(Math.max(number, 1), 30) * 1000 }
  if (name === 'attempts') return { attempts: Math.min(Math.max(number, 1), 5) }
  return {}
}

/** The names to ask for, in order: a final dot means exactly this one. */
export function candidates(name: string, { search, ndots }: ResolvConf): string[] {
  if (name.endsWith('.')) return [name.slice(0, -1)]
  const searched = search.map((domain) => `${name}.${domain}`)
  const dots = name.split('.').length - 1
  return dots >= ndots ? [name, ...searched] : [...searched, name]
}
