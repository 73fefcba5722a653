import { amqpDial } from '../../brokers/amqp-dial.ts'
import type { AmqpLibrary, AmqpMessage } from '../../brokers/amqp-library.ts'
import {
  type Consumed,
  consumeQueue,
  declareQueue,
  type QueueOptions,
} from '../../brokers/amqp-queue.ts'
import type { Backoff } from '../../brokers/backoff.ts'
import { BrokerLink } from '../../brokers/broker-link.ts'
import type { Logger } from '../../telemetry/log.ts'
import type { AgentWork, RunningAgent } from '../feature.ts'
import type { Pacer } from './pacer.ts'

export type AmqpAgentOptions = {
  readonly name: string
  readonly agent: AgentWork
  readonly library: AmqpLibrary
  readonly url: string
  readonly queue: QueueOptions
  readonly topic: string
  readonly prefetch: number
  readonly workers: number
  readonly backoff: Backoff
  readonly maxRetries: number
  readonly healthIntervalMs: number
  /** `undefined`: messages begin at once. */
  readonly pacer: Pacer | undefined
  readonly log: Logger
}

type Waiting = { readonly message: AmqpMessage; readonly from: Consumed }

/** A message that fails comes back at once: pauses between failures in a row keep that from being a busy loop. */
const FIRST_PAUSE_MS = 10
const LONGEST_PAUSE_MS = 1_000

/** Works on the messages of one queue, `workers` at a time, and stays with it while brokers come and go. */
export class AmqpAgent implements RunningAgent {
  readonly #options: AmqpAgentOptions
  readonly #link: BrokerLink<Consumed>
  /** Messages that came ahead: never more than `prefetch`. */
  #waiting: Waiting[] = []
  readonly #running = new Set<Promise<void>>()
  readonly #paused = new Set<() => void>()
  #pulse: NodeJS.Timeout | undefined
  #failures = 0
  #isStopping = false

  constructor(options: AmqpAgentOptions) {
    this.#options = options
    const { library, url, backoff, maxRetries, queue, topic, prefetch } = options
    const { exclusive, noLocal } = queue
    this.#link = new BrokerLink({
      ...{ backoff, maxRetries },
      dial: amqpDial({
        ...{ library, url, shut: (consumed) => consumed.close() },
        open: async (connection, lost) => {
          const consumed = await consumeQueue(connection, lost, {
            ...{ queue: queue.name, exclusive, noLocal, prefetch, consumerTag: 'krakend' },
            prepare: (channel) => declareQueue(channel, queue, [topic]),
            take: (message, from) => this.#take({ message, from }),
          })
          this.#begin()
          return consumed
        },
      }),
      down: () => this.#pause(),
      say: (text) => this.#say('info', text),
      gaveUp: () =>
        this.#say('critical', 'max_retries is used up: this agent takes no further messages'),
    })
  }

  start(): void {
    this.#say('info', 'Starting the consumer')
    this.#link.start()
  }

  async stop(): Promise<void> {
    this.#isStopping = true
    clearInterval(this.#pulse)
    const consumed = this.#link.current
    await consumed?.stop()
    for (const { message, from } of this.#waiting.splice(0)) from.nack(message, true)
    this.#options.pacer?.stop()
    for (const wake of this.#paused) wake()
    await Promise.all(this.#running)
    await this.#link.close()
  }

  #begin(): void {
    const { agent, healthIntervalMs } = this.#options
    clearInterval(this.#pulse)
    this.#pulse = setInterval(agent.alive, healthIntervalMs)
    agent.alive()
  }

  /** The connection is gone: what has not begun comes again. */
  #pause(): void {
    clearInterval(this.#pulse)
    this.#waiting = []
    this.#say('warning', 'Consumer stopped')
  }

  #take(delivery: Waiting): void {
    if (this.#isStopping) return delivery.from.nack(delivery.message, true)
    this.#waiting.push(delivery)
    this.#next()
  }

  #next(): void {
    while (this.#running.size < this.#options.workers) {
      const delivery = this.#waiting.shift()
      if (delivery === undefined) return
      const run = this.#work(delivery).finally(() => {
        this.#running.delete(run)
        this.#next()
      })
      this.#running.add(run)
    }
  }

  async #work({ message, from }: Waiting): Promise<void> {
    const { agent, pacer, queue } = this.#options
    if ((await pacer?.wait()) === false) return from.nack(message, true)
    if (from.isOver) return
    // At most once: it is done with before it is worked on.
    if (queue.autoAck) from.ack(message)
    const isDone = await agent.work(message.content)
    if (isDone) this.#failures = 0
    else await this.#afterFailure()
    if (queue.autoAck) return
    if (isDone) from.ack(message)
    else from.nack(message, !queue.nackDiscard)
  }

  #afterFailure(): Promise<void> {
    const ms = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(this.#failures++, 10))
    if (this.#isStopping || this.#options.queue.nackDiscard) return Promise.resolve()
    const { promise, resolve } = Promise.withResolvers<void>()
    const wake = () => {
      clearTimeout(timer)
      this.#paused.delete(wake)
      resolve()
    }
    const timer = setTimeout(wake, ms)
    this.#paused.add(wake)
    return promise
  }

  #say(level: 'info' | 'warning' | 'critical', text: string): void {
    this.#options.log[level](`[SERVICE: AsyncAgent][AMQP][${this.#options.name}] ${text}`)
  }
}
