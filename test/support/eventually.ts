import { setTimeout as wait } from 'node:timers/promises'

const LIMIT_MS = 15_000
const POLL_MS = 50

/** Asks until `check` says yes: for what another process does in its own time. */
export async function eventually(
  what: string,
  check: () => boolean | Promise<boolean>,
): Promise<void> {
  const untilMs = Date.now() + LIMIT_MS
  while (!(await check())) {
    if (Date.now() > untilMs) throw new Error(`did not happen: ${what}`)
    await wait(POLL_MS)
  }
}
