import { MessageChannel, Worker } from 'node:worker_threads'
import { throwAll } from '../build-all.ts'
import type { ServiceConfig } from '../config/types.ts'
import type { DiscoveryHub } from '../discovery/hub.ts'
import { ConfigError } from '../errors.ts'
import type { JsonValue } from '../pipe/pipe.ts'
import type { Logger } from '../telemetry/log.ts'
import type { MetricsHub } from '../telemetry/metrics-hub.ts'
import { type Seats, seats } from './seats.ts'
import { wordMemory } from './shared-memory.ts'
import { giveBackSlots, slotMemory } from './shared-slots.ts'
import { tableMemory } from './shared-table.ts'
import type {
  FromRequestThread,
  SharedMemories,
  ThreadBirth,
  ThreadSettings,
  ToThread,
} from './thread-messages.ts'

/** What the threads share, owned by the main thread. */
export type ThreadPoolOptions = {
  readonly count: number
  readonly metrics: MetricsHub
}
/** Known once the configuration is. */
export type ServeOptions = {
  readonly config: ServiceConfig
  readonly settings: ThreadSettings
  readonly hub: DiscoveryHub
  readonly log: Logger
  /** Answers what there is one of per process. */
  readonly answer: (topic: string, question: JsonValue) => Promise<JsonValue>
}

/** A thread that dies sooner after its start than this is replaced with a growing delay. */
const HEALTHY_MS = 10_000
const LONGEST_PAUSE_MS = 10_000
/**
 * V8 makes a nursery of a third of this, which is collected each time it is full. A collection costs what the
 * requests in flight hold, whatever the size: with half of it, twice the share of the time. From four threads on
 * they share 48 MB, so that each holds 8 MB less.
 */
const youngGenerationMb = (threads: number): number =>
  Math.max(8, Math.min(16, Math.floor(48 / threads)))

type Thread = {
  readonly number: number
  readonly seat: number
  readonly worker: Worker
  readonly startedMs: number
  isListening: boolean
}

/** The request threads of the process: started early, given the configuration when it is there, replaced when they die. */
export class RequestThreads {
  readonly #options: ThreadPoolOptions
  readonly #seats: Seats
  readonly #shared: SharedMemories
  readonly #heldMemory: SharedArrayBuffer
  readonly #threads = new Map<number, Thread>()
  readonly #ports = new Map<number, MessageChannel['port1']>()
  readonly #news = new Map<string, ToThread>()
  #lastNumber = 0
  #failures = 0
  #serve: ServeOptions | undefined
  #isDraining = false

  /** Starts the threads: they load their code while the configuration is read. */
  constructor(options: ThreadPoolOptions) {
    this.#options = options
    this.#seats = seats(options.count)
    this.#heldMemory = new SharedArrayBuffer(options.count * Int32Array.BYTES_PER_ELEMENT)
    this.#shared = {
      threads: options.count,
      words: wordMemory(),
      slots: slotMemory(options.count),
      table: tableMemory(),
    }
    for (let count = 0; count < options.count; count++) this.#start()
  }

  get listening(): number {
    return [...this.#threads.values()].filter((thread) => thread.isListening).length
  }

  /** Resolves when all listen. Rejects with all that is wrong (`ConfigError`) or the system's error when one cannot. */
  async serve(options: ServeOptions): Promise<void> {
    this.#serve = options
    const results = await Promise.allSettled(
      [...this.#threads.values()].map((thread) => this.#beginServing(thread, options)),
    )
    throwAll(results.flatMap((result) => (result.status === 'rejected' ? [result.reason] : [])))
  }

  /** Tells every thread, and those that start later, the last news of each key. */
  broadcast(topic: string, key: string, news: JsonValue): void {
    this.#news.set(`${topic} ${key}`, { type: 'news', topic, news })
    for (const thread of this.#threads.values())
      if (thread.isListening) this.#tell(thread.worker, { type: 'news', topic, news })
  }

  /** Lets every thread finish what it has begun. Resolves when all have ended. */
  async drain(): Promise<void> {
    this.#isDraining = true
    await Promise.all(
      [...this.#threads.values()].map(
        ({ worker }) =>
          new Promise<void>((resolve) => {
            worker.once('exit', () => resolve())
            this.#tell(worker, { type: 'drain' })
          }),
      ),
    )
  }

  /** Ends every thread at once. */
  async terminate(): Promise<void> {
    this.#isDraining = true
    await Promise.all([...this.#threads.values()].map(({ worker }) => worker.terminate()))
  }

  #start(): Thread {
    const number = ++this.#lastNumber
    const seat = this.#seats.take()
    const { port1, port2 } = new MessageChannel()
    const birth: ThreadBirth = {
      number,
      seat,
      shared: this.#shared,
      heldMemory: this.#heldMemory,
      discoveryPort: port2,
    }
    const worker = new Worker(REQUEST_THREAD, {
      workerData: birth,
      transferList: [port2],
      name: `requests ${number}`,
      resourceLimits: { maxYoungGenerationSizeMb: youngGenerationMb(this.#options.count) },
    })
    const thread: Thread = {
      number,
      seat,
      worker,
      startedMs: performance.now(),
      isListening: false,
    }
    this.#threads.set(number, thread)
    this.#ports.set(number, port1)
    worker.on('message', (message: FromRequestThread) => this.#hear(thread, message))
    worker.on('error', (error) => this.#serve?.log.critical(`[THREAD ${number}] died:`, error))
    worker.on('exit', () => this.#ended(thread))
    return thread
  }

  #beginServing(thread: Thread, { hub, config, settings }: ServeOptions): Promise<void> {
    const port = this.#ports.get(thread.number)
    if (port !== undefined) {
      const disconnect = hub.connect(port)
      thread.worker.once('exit', () => {
        disconnect()
        port.close()
      })
    }
    this.#tell(thread.worker, { type: 'serve', config, settings })
    return new Promise((resolve, reject) => {
      thread.worker.on('message', (message: FromRequestThread) => {
        if (message.type === 'listening') resolve()
        else if (message.type === 'failed')
          reject(
            message.problems.length > 0
              ? new ConfigError(message.problems)
              : new Error(message.message),
          )
      })
      thread.worker.once('exit', () =>
        reject(new Error('a request thread ended before it listened')),
      )
    })
  }

  #hear(thread: Thread, message: FromRequestThread): void {
    if (message.type === 'meters') this.#options.metrics.receive(thread.number, message.message)
    else if (message.type === 'listening') {
      thread.isListening = true
      for (const news of this.#news.values()) this.#tell(thread.worker, news)
    } else if (message.type === 'ask') void this.#answer(thread.worker, message)
  }

  async #answer(
    worker: Worker,
    { id, topic, question }: Extract<FromRequestThread, { type: 'ask' }>,
  ): Promise<void> {
    try {
      this.#tell(worker, {
        type: 'answer',
        id,
        answer: (await this.#serve?.answer(topic, question)) ?? null,
      })
    } catch (error) {
      this.#tell(worker, { type: 'answer', id, error: (error as Error).message })
    }
  }

  #tell(worker: Worker, message: ToThread): void {
    worker.postMessage(message)
  }

  /** A thread is gone: its numbers stay, its seat is taken by a new one. */
  #ended(thread: Thread): void {
    this.#threads.delete(thread.number)
    this.#ports.delete(thread.number)
    giveBackSlots(this.#shared.slots, { threads: this.#shared.threads, thread: thread.seat })
    Atomics.store(new Int32Array(this.#heldMemory), thread.seat, 0)
    this.#seats.giveBack(thread.seat)
    this.#options.metrics.threadEnded(thread.number)
    const serve = this.#serve
    if (this.#isDraining || serve === undefined || !thread.isListening) return
    const isEarly = performance.now() - thread.startedMs < HEALTHY_MS
    this.#failures = isEarly ? this.#failures + 1 : 0
    const pauseMs = isEarly ? Math.min(LONGEST_PAUSE_MS, 50 * 2 ** this.#failures) : 0
    serve.log.error(
      `[THREAD ${thread.number}] is replaced`,
      pauseMs === 0 ? '' : `in ${pauseMs} ms`,
    )
    setTimeout(() => this.#replace(serve), pauseMs)
  }

  #replace(serve: ServeOptions): void {
    if (this.#isDraining) return
    const thread = this.#start()
    this.#beginServing(thread, serve).catch((error) => {
      serve.log.critical(`[THREAD ${thread.number}] cannot serve:`, error)
      // It counts as listening so that its end is followed by another try.
      thread.isListening = true
      void thread.worker.terminate()
    })
  }
}

const REQUEST_THREAD = new URL(
  import.meta.url.endsWith('.ts') ? './request-thread.ts' : './request-thread.js',
  import.meta.url,
)
