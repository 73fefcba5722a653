import type { AmqpChannel } from './amqp-library.ts'
import type { Lost } from './broker-link.ts'

/** Hears of a channel that the broker closed, with its reason. */
export function watchChannel(channel: AmqpChannel, lost: Lost): void {
  let reason: string | undefined
  channel.on('error', (error: Error) => {
    reason = error.message
  })
  channel.on('close', () => {
    if (reason !== undefined) lost(reason)
    // It went with its connection, which is about to say why.
    else setImmediate(() => lost('the broker closed the channel'))
  })
}
