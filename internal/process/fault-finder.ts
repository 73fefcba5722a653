import type { LoadOptions } from '../config/load.ts'
import type { FaultsOptions } from './find-faults.ts'

/** `findFaults`, loaded when it is needed: it brings everything that serves requests. */
export const faultFinder =
  (options: FaultsOptions): NonNullable<LoadOptions['findMore']> =>
  async (document, known) => {
    const { findFaults } = await import('./find-faults.ts')
    return findFaults(document, known, options)
  }
