/** Options of an address of gocloud.dev that are about how AWS is called. */
export const AWS_OPTIONS = [
  ...['region', 'endpoint', 'profile', 'dualstack', 'fips'],
  // Read by other languages' SDKs, and without a meaning here.
  ...['awssdk', 'hostname_immutable', 'rate_limiter_capacity'],
  ...['request_checksum_calculation', 'response_checksum_validation'],
]

type Environment = Readonly<Record<string, string | undefined>>

/** As gocloud.dev builds a client; credentials and the rest the SDK finds in its environment. */
export function awsOptions(query: URLSearchParams, env: Environment): object {
  const texts = ['endpoint', 'profile'].flatMap((name) => {
    const value = query.get(name) ?? ''
    return value === '' ? [] : [[name, value] as const]
  })
  return {
    ...Object.fromEntries(texts),
    ...regionOf(query.get('region') ?? '', env),
    ...(isTrue(query.get('dualstack')) ? { useDualstackEndpoint: true } : {}),
    ...(isTrue(query.get('fips')) ? { useFipsEndpoint: true } : {}),
  }
}

/** The SDK reads no `AWS_DEFAULT_REGION`; Go's does. */
export function regionOf(named: string, env: Environment): { region?: string } {
  const region = named || env['AWS_REGION'] || env['AWS_DEFAULT_REGION'] || ''
  return region === '' ? {} : { region }
}

const isTrue = (value: string | null): boolean => /^(?:1|t|true)$/i.test(value ?? '')
