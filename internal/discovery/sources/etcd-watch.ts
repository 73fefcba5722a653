import { setTimeout as wait } from 'node:timers/promises'
import type { JsonValue } from '../../pipe/pipe.ts'
import { type Answer, DiscoveryError } from '../discovery.ts'
import type { EtcdRead, KeyRange } from './etcd.ts'
import type { EtcdApi } from './etcd-api.ts'
import { asObject, asText, parseJson } from './json.ts'

/** While nothing happens, the keys are read anyway this often: a dead connection tells nothing. */
const CONFIRM_MS = 30_000
/** A stream that ended sooner was no use: the caller backs off. */
const SHORTEST_STREAM_MS = 1000

export type EtcdWatch = {
  readonly api: EtcdApi
  readonly ranges: readonly KeyRange[]
  readonly read: () => Promise<EtcdRead>
  readonly tell: (answer: Answer) => void
  /** For servers that cannot watch. */
  readonly timerMs: number
  readonly signal: AbortSignal
}

/**
 * Tells of `ranges` as they change. Events only say that something changed: what is told is read whole, one read at
 * a time however many events come. A broken stream goes on at the revision after the last one seen.
 */
export async function watchKeys({
  api,
  ranges,
  read,
  tell,
  timerMs,
  signal,
}: EtcdWatch): Promise<void> {
  const ending = new AbortController()
  const over = AbortSignal.any([signal, ending.signal])
  const reader = singleReader(read, tell)
  try {
    const revision = await reader.readNow()
    const streams = ranges.map((range) =>
      follow({ api, range, revision, over, changed: reader.readNow }),
    )
    // Streams end well only where the server cannot watch: then the keys are polled.
    await Promise.race([Promise.all(streams), confirm(reader, CONFIRM_MS, over)])
    await confirm(reader, timerMs, over)
  } catch (error) {
    if (!signal.aborted) throw error
  } finally {
    ending.abort()
  }
}

type Reader = { readNow(): Promise<bigint> }

/** Reads and tells, never twice at once: who comes while a read runs gets the next one, all of them the same. */
function singleReader(read: () => Promise<EtcdRead>, tell: (answer: Answer) => void): Reader {
  let running: Promise<bigint> | undefined
  let next: Promise<bigint> | undefined
  async function once(): Promise<bigint> {
    const { answer, revision } = await read()
    tell(answer)
    return revision
  }
  function start(): Promise<bigint> {
    running = once().finally(() => {
      running = undefined
    })
    return running
  }
  return {
    readNow() {
      if (running === undefined) return start()
      next ??= running
        .then(
          () => {},
          () => {}, // Its own caller is told.
        )
        .then(() => {
          next = undefined
          return start()
        })
      return next
    },
  }
}

async function confirm(reader: Reader, everyMs: number, over: AbortSignal): Promise<void> {
  for (;;) {
    await wait(everyMs, undefined, { signal: over, ref: false })
    await reader.readNow()
  }
}

type Followed = {
  readonly api: EtcdApi
  readonly range: KeyRange
  readonly revision: bigint
  readonly over: AbortSignal
  readonly changed: () => Promise<bigint>
}

/** Returns when this server cannot watch; rejects when the stream is lost for good. */
async function follow({ api, range, revision, over, changed }: Followed): Promise<void> {
  let last = revision
  for (;;) {
    const startedMs = performance.now()
    const start = { ...range, start_revision: String(last + 1n) }
    const stream = await api.stream('/watch', { create_request: start }, over)
    if (stream === undefined) return
    for await (const line of stream.lines) {
      const {
        revision: seen,
        isChange,
        canceled,
      } = readEvent(parseJson(line, stream.who), stream.who)
      if (seen !== undefined && seen > last) last = seen
      if (isChange) await changed()
      if (canceled === undefined) continue
      // The answer stays open: hanging up is ours to do. What was compacted away is read again.
      if (canceled.isCompacted) last = await changed()
      else if (!api.isTokenRefusal(canceled.reason))
        throw new DiscoveryError('unreachable', `${stream.who}: ${canceled.reason}`)
      break
    }
    if (performance.now() - startedMs < SHORTEST_STREAM_MS)
      await wait(SHORTEST_STREAM_MS, undefined, { signal: over, ref: false })
  }
}

type WatchEvent = {
  readonly revision: bigint | undefined
  readonly isChange: boolean
  readonly canceled: { readonly isCompacted: boolean; readonly reason: string } | undefined
}

function readEvent(line: JsonValue, who: string): WatchEvent {
  const message = asObject(line) ?? {}
  const error = asObject(message['error'])
  if (error !== undefined)
    throw new DiscoveryError('unreachable', `${who}: ${asText(error['message'])}`)
  const result = asObject(message['result'])
  if (result === undefined) throw new DiscoveryError('broken', `${who}: not a watch's answer`)
  const header = asObject(result['header'])
  const text = String(header?.['revision'] ?? '')
  const compacted = result['compact_revision'] !== undefined
  return {
    revision: /^\d+$/.test(text) && result['created'] !== true ? BigInt(text) : undefined,
    isChange: Array.isArray(result['events']) && result['events'].length > 0,
    canceled:
      result['canceled'] === true
        ? {
            isCompacted: compacted,
            reason: asText(result['cancel_reason']) || 'the watch was canceled',
          }
        : undefined,
  }
}
