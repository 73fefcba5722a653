import { fitting, refused, short } from '../../../brokers/amqp-limits.ts'
import type { RoutedMessage } from '../../../brokers/amqp-publisher.ts'
import { headerValue } from '../../../pipe/headers.ts'
import type { HeaderList, ProxyRequest } from '../../../pipe/pipe.ts'
import type { ProducerOptions } from './producer-options.ts'

/** RabbitMQ's longest time to live, in milliseconds. */
const LONGEST_TTL = 2 ** 32 - 1
const MS_PER_SECOND = 1000

/**
 * How a request's message is addressed. What a broker would refuse is refused here: it answers by closing the channel,
 * which others use as well.
 */
export function routedMessage(
  request: ProxyRequest,
  options: ProducerOptions,
  nowMs: number,
): RoutedMessage {
  const { params, headers } = request
  const param = (name: string, what: string): string => short(params[name] ?? '', what)
  const contentType = headerValue(headers, 'content-type')
  const expiration = params[options.expirationKey] ?? ''
  const priority = priorityOf(params[options.priorityKey])
  const replyTo = param(options.replyToKey, 'reply queue')
  const messageId = param(options.messageIdKey, 'message id')
  return {
    key: options.staticRoutingKey ? options.routingKey : param(options.routingKey, 'routing key'),
    properties: {
      headers: headerTable(headers),
      timestamp: Math.floor(nowMs / MS_PER_SECOND),
      mandatory: options.mandatory,
      ...(contentType === undefined ? {} : { contentType: short(contentType, 'content type') }),
      ...(expiration === '' ? {} : { expiration: timeToLive(expiration) }),
      ...(replyTo === '' ? {} : { replyTo }),
      ...(messageId === '' ? {} : { messageId }),
      ...(priority === undefined ? {} : { priority }),
    },
  }
}

/** All headers, each with the list of its values. */
function headerTable(headers: HeaderList): Record<string, readonly string[]> {
  const table = new Map<string, string[]>()
  for (let at = 0; at < headers.length; at += 2) {
    const name = headers[at] as string
    const value = utf8(headers[at + 1] as string)
    const values = table.get(name)
    if (values === undefined) table.set(name, [value])
    else values.push(value)
  }
  return fitting(table)
}

/** Header values hold one byte in each character. */
const utf8 = (value: string): string =>
  /[\x80-\xff]/.test(value) ? Buffer.from(value, 'latin1').toString('utf8') : value

function timeToLive(text: string): string {
  if (/^\d{1,10}$/.test(text) && Number(text) <= LONGEST_TTL) return text
  throw refused('the expiration is no number of milliseconds')
}

/** Anything that is no whole number is ignored; larger ones keep their last eight bits, as in KrakenD. */
const priorityOf = (text: string | undefined): number | undefined =>
  text !== undefined && /^[+-]?\d{1,18}$/.test(text)
    ? Number(BigInt.asUintN(8, BigInt(text.replace('+', ''))))
    : undefined
