import type { Options } from '../../../config/options.ts'
import { CIPHERS } from '../../../tls/ciphers.ts'

/** KrakenD's for fetching keys. */
const BY_DEFAULT = [49199, 49195, 49200, 49196, 52392, 52393]
/** Go always offers these: they cannot be chosen. */
const TLS_1_3 = [4865, 4866, 4867]

/** `cipher_suites` as OpenSSL writes a list. */
export function cipherNames(options: Options): string {
  const key = 'cipher_suites'
  const numbers = options.value(key) ?? BY_DEFAULT
  if (!Array.isArray(numbers))
    throw options.wrong(key, 'a value of another type', 'a list of numbers')
  const suites = numbers.length === 0 ? BY_DEFAULT : numbers
  const names = suites.map((number, at) => {
    const name = typeof number === 'number' ? CIPHERS.get(number) : undefined
    if (name === undefined)
      throw options.wrong(
        `${key}[${at}]`,
        `unknown: ${JSON.stringify(number)}`,
        [...CIPHERS.keys()].join(', '),
      )
    return name
  })
  const always = TLS_1_3.map((number) => CIPHERS.get(number) as string)
  return [...new Set([...always, ...names])].join(':')
}
