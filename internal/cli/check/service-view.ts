import type { Duration, RootDocument } from '../../config/document.ts'
import { durationMs } from '../../config/duration.ts'
import { cleanHost } from '../../config/hosts.ts'

const DEFAULT_TIMEOUT_MS = 2_000

/** A decoded document and what its endpoints and backends inherit from it. */
export type ServiceView = {
  readonly root: RootDocument
  readonly timeoutMs: number
  readonly hosts: readonly string[]
}

export function serviceView(root: RootDocument): ServiceView {
  return {
    root,
    timeoutMs: milliseconds(root.timeout) || DEFAULT_TIMEOUT_MS,
    hosts: (root.host ?? []).map(shownHost),
  }
}

/** A host as it will be called. Those that cannot be cleaned stopped the command before. */
export const shownHost = (host: string): string => cleanHost(host) ?? host

/** 0 when absent. */
export const milliseconds = (duration: Duration | undefined): number =>
  duration === undefined ? 0 : durationMs(duration)
