import type { Answer, Found } from '../../discovery.ts'
import { type Addresses, lookUpAddresses } from './addresses.ts'
import { cleanName } from './message.ts'
import type { ResolverOptions } from './resolver.ts'
import { searched } from './searched.ts'

/** `name:port`: every address of the name is an instance. */
export async function askAddresses(
  name: string,
  port: number,
  options: ResolverOptions,
  names: readonly string[],
  signal: AbortSignal,
): Promise<Answer> {
  const { value, asked } = await searched(names, (candidate) =>
    lookUpAddresses(candidate, options, signal),
  )
  const clean = cleanName(name) ?? name
  const instances = value.addresses.toSorted().map((address) => instanceAt(address, port, clean))
  return {
    instances,
    ttlMs: ttlMs(value),
    notes: [...notes(value, asked), ...value.addresses.map((address) => `${address}: serves`)],
    isPartial: value.isPartial,
  }
}

const ttlMs = ({ ttlSeconds }: Addresses): number | undefined =>
  Number.isFinite(ttlSeconds) ? ttlSeconds * 1000 : undefined

function notes({ aliases, isPartial }: Addresses, asked: string): string[] {
  const path = aliases.length === 0 ? asked : `${asked}, an alias of ${aliases.join(', ')}`
  return [`asked for the addresses of ${path}`, ...(isPartial ? ['one family failed'] : [])]
}

/** One address of a name (or the address itself, when it was written so). */
export function instanceAt(address: string, port: number, name: string): Found {
  return {
    host: name,
    port,
    addresses: [address],
    isPinned: name !== address,
    basePath: '',
    weight: 1,
    zone: '',
    metadata: {},
  }
}
