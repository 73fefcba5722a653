import { unusable } from '../../config/options.ts'

/**
 * The address of one of Google's APIs. Regional and private ones are named as for `gcloud`:
 * `CLOUDSDK_API_ENDPOINT_OVERRIDES_PUBSUB`. Throws a `ConfigError` when that is none.
 */
export function googleHost(
  api: 'pubsub' | 'cloudkms',
  env: Readonly<Record<string, string | undefined>>,
  path: string,
): string {
  const usual = `https://${api}.googleapis.com`
  const variable = `CLOUDSDK_API_ENDPOINT_OVERRIDES_${api.toUpperCase()}`
  const named = env[variable] ?? ''
  if (named === '') return usual
  if (URL.canParse(named) && /^https?:$/.test(new URL(named).protocol)) return new URL(named).origin
  throw unusable(named, path, `${variable} is no address`, usual)
}
