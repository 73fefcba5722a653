import type { AmqpConnection, AmqpLibrary } from './amqp-library.ts'
import type { Dial, Lost } from './broker-link.ts'

export type AmqpDialOptions<Opened> = {
  readonly library: AmqpLibrary
  readonly url: string
  /** Opens what is used on a new connection. */
  readonly open: (connection: AmqpConnection, lost: Lost) => Promise<Opened>
  /** Ends it in good order, before the connection is closed: closing that alone overtakes what was sent. */
  readonly shut: (opened: Opened) => Promise<void>
}

const CONNECT_LIMIT_MS = 10_000
/** A broker that does not answer for two of these is gone (as in amqp091-go). */
const HEARTBEAT_S = 10

/** How a connection to an AMQP 0.9.1 broker is made. */
export function amqpDial<Opened>(options: AmqpDialOptions<Opened>): Dial<Opened> {
  const { library, open, shut } = options
  const url = withHeartbeat(options.url)
  return async (lost) => {
    const connection = await library.connect(url, { timeout: CONNECT_LIMIT_MS, noDelay: true })
    let reason = 'the broker closed the connection'
    connection.on('error', (error: Error) => {
      reason = error.message
    })
    connection.on('close', () => lost(reason))
    try {
      const opened = await open(connection, lost)
      return {
        opened,
        async close() {
          // What is broken needs no closing.
          await Promise.resolve(opened).then(shut).catch(nothing)
          await connection.close().catch(nothing)
        },
      }
    } catch (error) {
      connection.close().catch(nothing)
      throw error
    }
  }
}

const nothing = (): void => undefined

/** The URL, with a heartbeat unless it asks for one. */
function withHeartbeat(url: string): string {
  const parsed = new URL(url)
  if (!parsed.searchParams.has('heartbeat'))
    parsed.searchParams.set('heartbeat', String(HEARTBEAT_S))
  return parsed.href
}
