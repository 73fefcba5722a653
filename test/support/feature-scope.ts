import type { BackendPlace, EndpointPlace, Scope } from '../../internal/features/feature.ts'
import { sharedWords, wordMemory } from '../../internal/process/shared-memory.ts'
import { sharedSlots, slotMemory } from '../../internal/process/shared-slots.ts'
import { sharedTable, tableMemory } from '../../internal/process/shared-table.ts'

/** What a feature under test is built with: a clock that the test sets, and memory of its own. */
export function scopeForTests(options: { readonly clients?: number } = {}) {
  const time = { nowMs: 1_700_000_000 }
  const warnings: string[] = []
  const warning = (...words: readonly unknown[]) => void warnings.push(words.join(' '))
  const used = {
    log: { debug() {}, info() {}, warning, error: warning, critical: warning },
    words: sharedWords(wordMemory(256)),
    slots: sharedSlots(slotMemory(1, 16), { threads: 1, thread: 0 }),
    clients: sharedTable(tableMemory(options.clients ?? 1024)),
    clock: () => time.nowMs,
    now: () => time.nowMs,
  }
  return { scope: used as unknown as Scope, time, warnings }
}

/** An endpoint, the first of its document. */
export const endpointForTests = (endpoint = '/x'): EndpointPlace =>
  ({ service: {}, endpoint: { index: 0, endpoint, method: 'GET' } }) as unknown as EndpointPlace

/** One of its backend entries. */
export const placeForTests = (endpoint = '/x', id = 0): BackendPlace =>
  ({
    ...endpointForTests(endpoint),
    backend: { index: 0, id, extraConfig: {} },
  }) as unknown as BackendPlace
