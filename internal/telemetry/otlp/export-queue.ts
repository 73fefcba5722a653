import type { Sender, Signal } from './sender.ts'

/** Requests on their way to one collector: bounded, in order, tried again while it is away. */
export type ExportQueue = {
  /** `items`: how many spans or series it holds, for the count of lost ones. */
  push(signal: Signal, request: Buffer, items: number): void
  /** Tries to get rid of everything, no longer than `withinMs`. */
  drain(withinMs: number): Promise<void>
  close(): void
}
export type ExportQueueOptions = {
  readonly sender: Sender
  readonly onDropped: (signal: Signal, items: number) => void
  /** Told when the collector stops taking requests, and when it takes them again (`undefined`). */
  readonly onTrouble: (problem: string | undefined) => void
  readonly mostBytes?: number
  /** The first pause; it doubles with each failure. */
  readonly pauseMs?: number
}

const MOST_BYTES = 16 * 1024 * 1024
const PAUSE_MS = 1000
const LONGEST_PAUSE_MS = 30_000
/** How often one request is tried before it makes room. */
const MOST_TRIES = 8

type Waiting = {
  readonly signal: Signal
  readonly request: Buffer
  readonly items: number
  tries: number
}

/** Nothing here touches a request of a client: a collector that is away costs memory up to the bound, and no more. */
export function exportQueue(options: ExportQueueOptions): ExportQueue {
  const { sender, onDropped, onTrouble, mostBytes = MOST_BYTES, pauseMs = PAUSE_MS } = options
  const waiting: Waiting[] = []
  let bytes = 0
  let isInTrouble = false
  let running: Promise<void> | undefined
  let wake: (() => void) | undefined
  let isClosed = false
  let isDraining = false

  function remove(): void {
    bytes -= waiting.shift()?.request.length ?? 0
  }
  function drop(next: Waiting): void {
    remove()
    onDropped(next.signal, next.items)
  }
  function report(problem: string | undefined): void {
    if (isInTrouble === (problem !== undefined)) return
    isInTrouble = problem !== undefined
    onTrouble(problem)
  }

  async function run(): Promise<void> {
    for (let next = waiting[0]; next !== undefined && !isClosed; next = waiting[0]) {
      const sent = await sender.send(next.signal, next.request)
      if (sent.outcome === 'done') {
        remove()
        report(undefined)
        continue
      }
      report(sent.problem)
      if (sent.outcome === 'refused' || ++next.tries >= MOST_TRIES) {
        drop(next)
        continue
      }
      if (isDraining) return
      await pause(sent.afterMs ?? Math.min(LONGEST_PAUSE_MS, pauseMs * 2 ** (next.tries - 1)))
    }
  }
  function pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms).unref()
      wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }
  function start(): void {
    running ??= run().finally(() => {
      running = undefined
    })
  }

  return {
    push(signal, request, items) {
      if (isClosed || bytes + request.length > mostBytes) return onDropped(signal, items)
      waiting.push({ signal, request, items, tries: 0 })
      bytes += request.length
      start()
    },
    async drain(withinMs) {
      isDraining = true
      wake?.()
      start()
      const { promise, resolve } = Promise.withResolvers<void>()
      const timer = setTimeout(resolve, withinMs)
      await Promise.race([running, promise])
      clearTimeout(timer)
    },
    close() {
      isClosed = true
      wake?.()
      sender.close()
    },
  }
}
