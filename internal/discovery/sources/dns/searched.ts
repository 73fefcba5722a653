import { DiscoveryError } from '../../discovery.ts'

/**
 * Tries the names of a search list in order until one exists. A name that could not be asked for does not stop
 * the search, but in the end it says more than "not found".
 */
export async function searched<Value>(
  names: readonly string[],
  ask: (name: string) => Promise<Value>,
): Promise<{ readonly value: Value; readonly asked: string }> {
  let failure: DiscoveryError | undefined
  for (const asked of names) {
    try {
      return { value: await ask(asked), asked }
    } catch (error) {
      if (!(error instanceof DiscoveryError)) throw error
      if (failure === undefined || failure.failure === 'not-found') failure = error
    }
  }
  throw failure ?? new DiscoveryError('not-found', 'no name to ask for')
}
