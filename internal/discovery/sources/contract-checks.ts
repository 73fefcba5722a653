import assert from 'node:assert/strict'
import { setTimeout as wait } from 'node:timers/promises'
import { type Answer, DiscoveryError } from '../discovery.ts'

/** The instances that a service has and gets. */
export const A = '10.0.0.1:9001'
export const B = '10.0.0.2:9002'
export const C = '10.0.0.3:9003'
/** Nothing in a contract takes this long. */
export const LIMIT_MS = 8000

/** As `host:port`. */
export const placeOf = ({ host, port }: { readonly host: string; readonly port: number }) =>
  `${host}:${port}`
/** All of them, in order. */
export const places = (answer: Answer | undefined): string[] | undefined =>
  answer?.instances.map(placeOf).sort()

/** What it rejects with. */
export async function failure(promise: Promise<unknown>): Promise<unknown> {
  const outcome = await promise.then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  )
  if ('error' in outcome) return outcome.error
  throw new assert.AssertionError({ message: `it did not fail: ${JSON.stringify(outcome.value)}` })
}

/** None, also where the registry says that it does not know the name. */
export async function emptyOrNotFound(asking: Promise<Answer>): Promise<string[] | undefined> {
  try {
    return places(await asking)
  } catch (error) {
    if (error instanceof DiscoveryError && error.failure === 'not-found') return []
    throw error
  }
}

/** Tries again until `check` holds: registries take a moment. */
export async function until(check: () => void | Promise<void>): Promise<void> {
  const endMs = performance.now() + LIMIT_MS
  for (;;) {
    try {
      return await check()
    } catch (error) {
      if (performance.now() > endMs) throw error
      await wait(20)
    }
  }
}
