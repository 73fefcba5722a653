import { isIP } from 'node:net'

/** How a setting's text becomes its value. `read` throws an `Error` whose message says what is wrong with the text. */
export type SettingKind<T> = {
  /** What may be written, for messages and help. */
  readonly allowed: string
  readonly read: (text: string) => T
}

/** An address to listen on or to ask. IPv6 addresses stand without brackets. */
export type SocketAddress = { readonly host: string; readonly port: number }

const HIGHEST_PORT = 65_535

export const text: SettingKind<string> = { allowed: 'text', read: (written) => written }

export const list: SettingKind<readonly string[]> = {
  allowed: 'names separated by commas',
  read: (written) => items(written),
}

export const yesOrNo: SettingKind<boolean> = {
  allowed: 'true or false',
  read(written) {
    if (/^(1|t|true|yes|on)$/i.test(written)) return true
    if (/^(0|f|false|no|off)$/i.test(written)) return false
    throw new Error('is neither yes nor no')
  },
}

/** One of some words, in any case; the value is the word as listed. */
export function oneOf<const Word extends string>(words: readonly Word[]): SettingKind<Word> {
  return {
    allowed: words.map((word) => (word === '' ? '(empty)' : word)).join(', '),
    read(written) {
      const found = words.find((word) => word.toLowerCase() === written.toLowerCase())
      if (found === undefined) throw new Error('is none of them')
      return found
    },
  }
}

/** A whole number from `from` to `to`. */
export function wholeNumber(from: number, to: number): SettingKind<number> {
  return {
    allowed: `a whole number from ${from} to ${to}`,
    read: (written) => within(written, from, to),
  }
}

/** A number as above, or `auto`, which reads as `undefined`. */
export function wholeNumberOrAuto(from: number, to: number): SettingKind<number | undefined> {
  return {
    allowed: `a whole number from ${from} to ${to}, or auto`,
    read: (written) => (written === 'auto' ? undefined : within(written, from, to)),
  }
}

const UNITS: ReadonlyMap<string, number> = new Map([
  ['', 1],
  ['b', 1],
  ['k', 2 ** 10],
  ['m', 2 ** 20],
  ['g', 2 ** 30],
])
/** The largest buffer Node can hold is about this. */
const MAX_BYTES = 2 ** 52

/** A number of bytes above zero: `1048576`, `64mb`, `1.5 GiB` (units of 1,024). */
export const bytes: SettingKind<number> = {
  allowed: 'a size above zero in bytes, or with a unit: 512kb, 64mb, 1gb',
  read(written) {
    const [, number = '', unit = ''] =
      /^(\d+(?:\.\d+)?)\s*(?:(b|k|m|g)(?:i?b)?)?$/i.exec(written) ?? []
    if (number === '') throw new Error('is no size')
    const size = Math.floor(Number(number) * (UNITS.get(unit.toLowerCase()) ?? 1))
    if (size < 1 || size > MAX_BYTES) throw new Error('is out of range')
    return size
  },
}

const UNIT_MS: ReadonlyMap<string, number> = new Map([
  ['', 1],
  ['ms', 1],
  ['s', 1_000],
  ['m', 60_000],
  ['h', 3_600_000],
  ['d', 86_400_000],
])

/** A time above zero in milliseconds: `500ms`, `10s`, `2h`; a bare number is milliseconds. */
export const duration: SettingKind<number> = {
  allowed: 'a time above zero: 500ms, 10s, 5m, 24h (a bare number is milliseconds)',
  read(written) {
    const [, number = '', unit = ''] = /^(\d+(?:\.\d+)?)\s*(ms|s|m|h|d)?$/.exec(written) ?? []
    if (number === '') throw new Error('is no time')
    const ms = Number(number) * (UNIT_MS.get(unit) ?? 1)
    if (ms <= 0 || ms > Number.MAX_SAFE_INTEGER) throw new Error('is out of range')
    return ms
  },
}

/** `HOST:PORT`, or `off`, which reads as `undefined`. Without a host it is all addresses, as in `:8091`. */
export const addressOrOff: SettingKind<SocketAddress | undefined> = {
  allowed: 'HOST:PORT such as 127.0.0.1:8091, [::1]:8091 or :8091, or off',
  read: (written) => (written === 'off' ? undefined : address(written)),
}

const DNS_PORT = 53

/** Name servers by address: `10.0.0.2`, `127.0.0.1:8600`, `[::1]:53`. */
export const nameServers: SettingKind<readonly SocketAddress[]> = {
  allowed: 'IP addresses separated by commas, each with or without a port: 127.0.0.1:8600,[::1]:53',
  read: (written) => items(written).map(nameServer),
}

function nameServer(written: string): SocketAddress {
  const server =
    isIP(written) === 0 ? address(written, DNS_PORT) : { host: written, port: DNS_PORT }
  if (isIP(server.host) === 0) throw new Error(`names "${server.host}", which is no IP address`)
  if (server.port === 0) throw new Error('names port 0')
  return server
}

function address(written: string, defaultPort?: number): SocketAddress {
  const parts = /^(?:\[([^\]]*)\]|([\w.-]*))(?::(\d+))?$/.exec(written)
  if (parts === null) throw new Error('is no HOST:PORT')
  const [, bracketed, plain = '', port = defaultPort] = parts
  if (bracketed !== undefined && isIP(bracketed) !== 6) {
    throw new Error('has brackets around no IPv6 address')
  }
  if (port === undefined) throw new Error('names no port')
  return { host: bracketed ?? plain, port: within(String(port), 0, HIGHEST_PORT) }
}

function items(written: string): string[] {
  if (written === '') return []
  const found = written.split(',').map((item) => item.trim())
  if (found.includes('')) throw new Error('has an empty item')
  return found
}

function within(written: string, from: number, to: number): number {
  const number = /^\d{1,15}$/.test(written) ? Number(written) : Number.NaN
  if (Number.isNaN(number)) throw new Error('is no whole number')
  if (number < from || number > to) throw new Error('is out of range')
  return number
}
