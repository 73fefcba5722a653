import { backoffOf } from '../../../brokers/backoff.ts'
import { BrokerLink, type Dial } from '../../../brokers/broker-link.ts'
import { Inbox, type MessageSource } from '../../../brokers/inbox.ts'
import { optionalPackage } from '../../../brokers/optional-package.ts'
import { unusable } from '../../../config/options.ts'
import { GatewayError } from '../../../errors.ts'
import { fromEnvironment, onlyOptions } from './address.ts'
import type { Address, Driver, DriverScope, Outgoing, Topic } from './driver.ts'
import { gobBody, gobMessage } from './gob.ts'
import { untilOver } from './until-over.ts'

/** The part of the package `@nats-io/transport-node` that is used here. */
type Library = {
  connect(options: {
    readonly servers: string
    readonly reconnect: false
    readonly timeout: number
    readonly pingInterval: number
    readonly name: string
  }): Promise<Connection>
  headers(): NatsHeaders
}
type NatsHeaders = { append(name: string, value: string): void }
type NatsMessage = { readonly data: Uint8Array }
type Connection = {
  publish(subject: string, data: Uint8Array, options?: { readonly headers: NatsHeaders }): void
  flush(): Promise<void>
  subscribe(
    subject: string,
    options: {
      readonly queue?: string
      readonly callback: (error: Error | null, message: NatsMessage) => void
    },
  ): unknown
  closed(): Promise<undefined | Error>
  close(): Promise<void>
}

const CONNECT_LIMIT_MS = 10_000
/** Two that are not answered end the connection. */
const PING_MS = 10_000
/** What may be on its way to a server that does not read. */
const MOST_UNSENT_BYTES = 64 * 2 ** 20
/** What waits for requests: as in nats.go a slow reader loses the rest. */
const MOST_WAITING = 1_000
const MOST_WAITING_BYTES = 64 * 2 ** 20
const V2 = 'natsv2'

/** `nats://subject?natsv2&queue=name`, on the server of `NATS_SERVER_URL`. */
export const nats: Driver = { openTopic, openSubscription, redelivers: false }

function dialOf(
  address: Address,
  { path, env }: DriverScope,
): { library: Library; dial: Dial<Connection> } {
  const servers = fromEnvironment('NATS_SERVER_URL', env, path)
  const library = optionalPackage('@nats-io/transport-node', path) as Library
  if (!URL.canParse(servers.includes('://') ? servers : `nats://${servers}`))
    throw unusable(null, path, 'NATS_SERVER_URL is no address', 'nats://host:4222')
  const dial: Dial<Connection> = async (lost) => {
    const connection = await library.connect({
      ...{ servers, reconnect: false, timeout: CONNECT_LIMIT_MS, pingInterval: PING_MS },
      name: `gateway ${address.name}`,
    })
    void connection
      .closed()
      .then((error) => lost(error?.message ?? 'the server closed the connection'))
    return { opened: connection, close: () => connection.close() }
  }
  return { library, dial }
}

/** `?natsv2` or `?natsv2=true`: headers of NATS instead of gob. */
function usesHeaders({ query, url }: Address, path: string): boolean {
  const value = query.get(V2)
  if (value === null) return false
  if (/^(|1|t|true)$/i.test(value)) return true
  if (/^(0|f|false)$/i.test(value)) return false
  throw unusable(url.href, path, `${V2} is neither true nor false`, `${V2}=true`)
}

function openTopic(address: Address, scope: DriverScope): Topic {
  onlyOptions(address, [V2], scope.path)
  const hasHeaders = usesHeaders(address, scope.path)
  const { library, dial } = dialOf(address, scope)
  const link = new BrokerLink({
    dial,
    backoff: backoffOf('', scope.random),
    maxRetries: 0,
    say: scope.say,
  })
  link.start()
  let unsentBytes = 0
  return {
    async send(message, deadline) {
      const connection = link.current
      if (connection === undefined)
        throw new GatewayError('component', {
          message: 'connection not available, trying to reconnect',
        })
      if (unsentBytes + message.body.length > MOST_UNSENT_BYTES)
        throw new GatewayError('component', { message: 'the NATS server does not keep up' })
      if (hasHeaders)
        connection.publish(address.name, message.body, { headers: headersOf(library, message) })
      else connection.publish(address.name, gobMessage(message))
      unsentBytes += message.body.length
      const sent = connection.flush().finally(() => {
        unsentBytes -= message.body.length
      })
      await untilOver(deadline, sent)
    },
    close: () => link.close(),
  }
}

function headersOf(library: Library, { metadata }: Outgoing): NatsHeaders {
  const headers = library.headers()
  for (const [name, value] of metadata) headers.append(queryEscaped(name), queryEscaped(value))
  return headers
}

/** Go's `url.QueryEscape`. */
const queryEscaped = (text: string): string => new URLSearchParams([['', text]]).toString().slice(1)

function openSubscription(address: Address, scope: DriverScope): MessageSource {
  onlyOptions(address, [V2, 'queue'], scope.path)
  const hasHeaders = usesHeaders(address, scope.path)
  const queue = address.query.get('queue')
  const { dial } = dialOf(address, scope)
  const inbox = new Inbox()
  const accept = boundedAccept(inbox, scope.say)
  const link = new BrokerLink<Connection>({
    dial: async (lost) => {
      const dialled = await dial(lost)
      dialled.opened.subscribe(address.name, {
        ...(queue === null ? {} : { queue }),
        callback: (error, message) => {
          if (error !== null) return lost(error.message)
          const data = Buffer.from(message.data)
          accept(hasHeaders ? data : gobBody(data))
        },
      })
      return dialled
    },
    ...{ backoff: backoffOf('', scope.random), maxRetries: 0, say: scope.say },
  })
  link.start()
  return {
    async take(timeoutMs) {
      if (link.current === undefined && link.failure !== undefined && inbox.size === 0)
        throw new Error('connection not available, trying to reconnect')
      return inbox.take(timeoutMs)
    },
    async close() {
      inbox.fail('closed')
      await link.close()
    },
  }
}

/** NATS keeps nothing back: what nobody takes piles up here, up to a limit. */
function boundedAccept(inbox: Inbox, say: (text: string) => void): (body: Buffer) => void {
  let waitingBytes = 0
  let dropped = 0
  return function accept(body) {
    if (inbox.size >= MOST_WAITING || waitingBytes + body.length > MOST_WAITING_BYTES) {
      if (dropped++ === 0) say('nobody takes the messages: further ones are dropped')
      return
    }
    if (dropped > 0) say(`${dropped} messages were dropped`)
    dropped = 0
    waitingBytes += body.length
    const done = () => {
      waitingBytes -= body.length
    }
    inbox.put({
      body,
      ack: done,
      nack(requeue) {
        done()
        if (requeue) accept(body)
      },
    })
  }
}
