import { unusable } from '../../../config/options.ts'
import { addressOf } from './address.ts'
import { awssns, awssqs } from './aws.ts'
import { azuresb } from './azure.ts'
import type { Address, Driver } from './driver.ts'
import { gcppubsub } from './google.ts'
import { kafka } from './kafka.ts'
import { nats } from './nats.ts'
import { rabbit } from './rabbit.ts'

/** Brokers by the scheme of `host`. */
const DRIVERS: Readonly<Record<string, Driver>> = {
  awssns,
  awssqs,
  azuresb,
  gcppubsub,
  kafka,
  nats,
  rabbit,
}

/** The driver and the address of a topic or subscription. Throws a `ConfigError`. */
export function driverOf(
  hosts: readonly string[],
  rest: string,
  path: string,
): { readonly driver: Driver; readonly address: Address } {
  const text = `${hosts[0] ?? ''}${rest}`
  const scheme = /^([a-z]+):\/\//.exec(text)?.[1] ?? ''
  const driver = Object.hasOwn(DRIVERS, scheme) ? DRIVERS[scheme] : undefined
  if (driver === undefined)
    throw unusable(
      hosts[0] ?? null,
      path.replace(/extra_config\..*$/, 'host'),
      'no broker that is known here (disable_host_sanitize must be true)',
      Object.keys(DRIVERS)
        .map((name) => `${name}://`)
        .join(', '),
    )
  return { driver, address: addressOf(text, path) }
}
