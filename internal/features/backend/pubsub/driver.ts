import type { MessageSource } from '../../../brokers/inbox.ts'
import type { Deadline } from '../../../pipe/deadline.ts'

/** What `host` and `topic_url` or `subscription_url` come to, read as gocloud.dev does. */
export type Address = {
  readonly scheme: string
  /** Host and path, joined: the name of a subject, queue, topic, ... */
  readonly name: string
  /** The same, as written. */
  readonly url: URL
  readonly query: URLSearchParams
}

/** What a driver is built with. */
export type DriverScope = {
  /** Where the namespace stands, for messages. */
  readonly path: string
  readonly env: Readonly<Record<string, string | undefined>>
  readonly random: () => number
  /** Milliseconds since 1970. */
  readonly now: () => number
  readonly say: (text: string) => void
}

/** A message to send: its body, and the first value of each header. */
export type Outgoing = {
  readonly body: Buffer
  readonly metadata: ReadonlyMap<string, string>
}

/** Where messages go. `send` resolves when the broker has the message. */
export type Topic = {
  send(message: Outgoing, deadline: Deadline): Promise<void>
  close(): Promise<void>
}

/**
 * One kind of broker. Both check the address and what the environment must say, and throw a `ConfigError`; they
 * connect soon after, and stay while brokers come and go.
 */
export type Driver = {
  openTopic(address: Address, scope: DriverScope): Topic
  openSubscription(address: Address, scope: DriverScope): MessageSource
  /** A message that cannot be read may come again. */
  readonly redelivers: boolean
}
