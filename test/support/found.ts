import type { Found } from '../../internal/discovery/discovery.ts'

/** Instances by their names, alike otherwise. */
export const hosts = (...names: readonly string[]): Found[] =>
  names.map((host) => ({
    host,
    port: 80,
    addresses: [],
    basePath: '',
    weight: 1,
    zone: '',
    metadata: {},
  }))

/** Only the names again. */
export const names = (list: readonly Found[] | undefined): string[] | undefined =>
  list?.map(({ host }) => host)
