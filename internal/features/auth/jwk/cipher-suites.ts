import type { Options } from '../../../config/options.ts'

/** Go's cipher suites by their IANA numbers, under OpenSSL's names; the last three are TLS 1.3. */
const NAMES: ReadonlyMap<number, string> = new Map([
  [5, 'RC4-SHA'],
  [10, 'DES-CBC3-SHA'],
  [47, 'AES128-SHA'],
  [53, 'AES256-SHA'],
  [60, 'AES128-SHA256'],
  [156, 'AES128-GCM-SHA256'],
  [157, 'AES256-GCM-SHA384'],
  [49159, 'ECDHE-ECDSA-RC4-SHA'],
  [49161, 'ECDHE-ECDSA-AES128-SHA'],
  [49162, 'ECDHE-ECDSA-AES256-SHA'],
  [49169, 'ECDHE-RSA-RC4-SHA'],
  [49170, 'ECDHE-RSA-DES-CBC3-SHA'],
  [49171, 'ECDHE-RSA-AES128-SHA'],
  [49172, 'ECDHE-RSA-AES256-SHA'],
  [49187, 'ECDHE-ECDSA-AES128-SHA256'],
  [49191, 'ECDHE-RSA-AES128-SHA256'],
  [49199, 'ECDHE-RSA-AES128-GCM-SHA256'],
  [49195, 'ECDHE-ECDSA-AES128-GCM-SHA256'],
  [49200, 'ECDHE-RSA-AES256-GCM-SHA384'],
  [49196, 'ECDHE-ECDSA-AES256-GCM-SHA384'],
  [52392, 'ECDHE-RSA-CHACHA20-POLY1305'],
  [52393, 'ECDHE-ECDSA-CHACHA20-POLY1305'],
  [4865, 'TLS_AES_128_GCM_SHA256'],
  [4866, 'TLS_AES_256_GCM_SHA384'],
  [4867, 'TLS_CHACHA20_POLY1305_SHA256'],
])
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
    const name = typeof number === 'number' ? NAMES.get(number) : undefined
    if (name === undefined)
      throw options.wrong(
        `${key}[${at}]`,
        `unknown: ${JSON.stringify(number)}`,
        [...NAMES.keys()].join(', '),
      )
    return name
  })
  const always = TLS_1_3.map((number) => NAMES.get(number) as string)
  return [...new Set([...always, ...names])].join(':')
}
