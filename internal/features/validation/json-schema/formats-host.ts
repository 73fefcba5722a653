import { isIPv6 } from 'node:net'
import { character, type Fault, partFault } from './formats-words.ts'

const LONGEST_HOST = 253
const LONGEST_LABEL = 63
const LONGEST_EMAIL = 254
const LONGEST_LOCAL = 64

export function ipv4Fault(text: string): Fault {
  const groups = text.split('.')
  if (groups.length !== 4) return 'expected four decimals'
  for (const group of groups) {
    if (/^0./s.test(group)) return 'leading zeros'
    if (!/^[+-]?\d+$/.test(group))
      return `strconv.Atoi: parsing ${JSON.stringify(group)}: invalid syntax`
    if (Number(group) < 0 || Number(group) > 255) return 'decimal must be between 0 and 255'
  }
  return undefined
}

export function ipv6Fault(text: string): Fault {
  if (!text.includes(':')) return 'missing colon'
  if (!isIPv6(text)) return `ParseAddr(${JSON.stringify(text)}): unable to parse IP`
  return text.includes('%') ? 'zone id is not a part of ipv6 address' : undefined
}

export function hostnameFault(text: string): Fault {
  const name = text.endsWith('.') ? text.slice(0, -1) : text
  if (Buffer.byteLength(name) > LONGEST_HOST) return 'more than 253 characters long'
  for (const label of name.split('.')) {
    if (label === '' || Buffer.byteLength(label) > LONGEST_LABEL)
      return 'label must be 1 to 63 characters long'
    if (label.startsWith('-')) return 'label starts with hyphen'
    if (label.endsWith('-')) return 'label ends with hyphen'
    const wrong = /[^a-z0-9-]/iu.exec(label)?.[0]
    if (wrong !== undefined) return `invalid ${character(wrong)}`
  }
  return undefined
}

export function emailFault(text: string): Fault {
  if (Buffer.byteLength(text) > LONGEST_EMAIL) return 'more than 255 characters long'
  const at = text.lastIndexOf('@')
  if (at < 0) return 'missing @'
  const [local, domain] = [text.slice(0, at), text.slice(at + 1)]
  if (Buffer.byteLength(local) > LONGEST_LOCAL) return 'local part more than 64 characters long'
  return localFault(local) ?? domainFault(domain)
}

function localFault(local: string): Fault {
  if (local.length > 1 && local.startsWith('"'))
    return /[\\"]/.test(local.slice(1, -1))
      ? 'backslash and quote are not allowed within quoted local part'
      : undefined
  if (local.startsWith('.')) return 'starts with dot'
  if (local.endsWith('.')) return 'ends with dot'
  if (local.includes('..')) return 'consecutive dots'
  const wrong = /[^a-z0-9.!#$%&'*+\-/=?^_`{|}~]/iu.exec(local)?.[0]
  return wrong === undefined ? undefined : `invalid ${character(wrong)}`
}

function domainFault(domain: string): Fault {
  if (!domain.startsWith('[') || !domain.endsWith(']'))
    return partFault('invalid domain', hostnameFault(domain))
  const address = domain.slice(1, -1)
  return address.startsWith('IPv6:')
    ? partFault('invalid ipv6 address', ipv6Fault(address.slice('IPv6:'.length)))
    : partFault('invalid ipv4 address', ipv4Fault(address))
}
