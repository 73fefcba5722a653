import { BlockList, isIP, isIPv4 } from 'node:net'
import { ConfigError } from '../errors.ts'

const MAPPED = '::ffff:'
type Family = 'ipv4' | 'ipv6'
const BITS: Readonly<Record<Family, number>> = { ipv4: 32, ipv6: 128 }

/** Whether an address lies in some of `blocks`: addresses and CIDR blocks. `path` is where they stand. */
export function addressBlocks(
  blocks: readonly string[],
  path: string,
): (address: string) => boolean {
  const all = (family: string): boolean => blocks.some((block) => block.trim() === family)
  if (all('0.0.0.0/0') && all('::/0')) return isAddress
  // Apart, because one list would take `::/0` for every IPv4 address as well.
  const lists = { ipv4: new BlockList(), ipv6: new BlockList() }
  for (const block of blocks) addBlock(lists, block.trim(), path)
  return (address) => {
    const plain = withoutMapping(address)
    const family = familyOf(plain)
    return family !== undefined && lists[family].check(plain, family)
  }
}

/** Go's `net.ParseIP` takes no zones. */
export const isAddress = (text: string): boolean => familyOf(text) !== undefined

/** `::ffff:1.2.3.4`, as a dual-stack socket says it, is `1.2.3.4`. */
export const withoutMapping = (address: string): string =>
  address.startsWith(MAPPED) && isIPv4(address.slice(MAPPED.length))
    ? address.slice(MAPPED.length)
    : address

function familyOf(address: string): Family | undefined {
  const version = address.includes('%') ? 0 : isIP(address)
  return version === 4 ? 'ipv4' : version === 6 ? 'ipv6' : undefined
}

function addBlock(lists: Readonly<Record<Family, BlockList>>, block: string, path: string): void {
  const [, address = '', bits] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(block) ?? []
  const family = familyOf(address)
  if (family === undefined || Number(bits ?? 0) > BITS[family])
    throw new ConfigError(`invalid address or CIDR block '${block}'`, { path })
  lists[family].addSubnet(address, bits === undefined ? BITS[family] : Number(bits), family)
}
