import { GatewayError } from '../errors.ts'

/** Does recursive work on data of any depth: what is too deep for the stack becomes a `GatewayError`. */
export function withinStack<T>(work: () => T): T {
  try {
    return work()
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause
    throw new GatewayError('internal', { message: 'exceeded max depth', cause })
  }
}
