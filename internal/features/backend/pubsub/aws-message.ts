import { isUtf8 } from 'node:buffer'
import type { SqsMessage } from './aws-library.ts'
import type { Outgoing } from './driver.ts'

/** gocloud.dev's mark of a body that is Base64, because it is not UTF-8. */
const BASE64 = 'base64encoded'

type Attributes = Readonly<Record<string, { DataType: 'String'; StringValue: string }>>

/** Body and attributes of a message to SNS or SQS, as gocloud.dev writes them. */
export function awsMessage({ body, metadata }: Outgoing): { text: string; attributes: Attributes } {
  const isText = isUtf8(body)
  const pairs = [...metadata].map(([name, value]) => [nameEscaped(name), pathEscaped(value)])
  if (!isText) pairs.push([BASE64, 'true'])
  return {
    text: body.toString(isText ? 'utf8' : 'base64'),
    attributes: Object.fromEntries(
      pairs.map(([name, value]) => [name, { DataType: 'String', StringValue: value ?? '' }]),
    ),
  }
}

const nameEscaped = (name: string): string =>
  name.replace(
    /[^\w\-.]|^\.|(?<=\.)\./gu,
    (letter) => `__0x${letter.codePointAt(0)?.toString(16)}__`,
  )

/** Go's `url.PathEscape`. */
const pathEscaped = (text: string): string =>
  encodeURIComponent(text)
    .replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`)
    .replace(/%(24|26|2B|3D|3A|40)/g, (escaped) => decodeURIComponent(escaped))

/** The body of a message from SQS: sent there as it is, or by SNS in an envelope (unless `raw`). */
export function awsBody(message: SqsMessage, isRaw: boolean): Buffer {
  const attributes = message.MessageAttributes ?? {}
  const text = message.Body ?? ''
  const opened = isRaw || Object.keys(attributes).length > 0 ? undefined : openEnvelope(text)
  const isBase64 = opened === undefined ? Object.hasOwn(attributes, BASE64) : opened.isBase64
  return Buffer.from(opened?.text ?? text, isBase64 ? 'base64' : 'utf8')
}

/** What SNS puts around a message: `undefined` when it is none of those. */
function openEnvelope(text: string): { text: string; isBase64: boolean } | undefined {
  let envelope: unknown
  try {
    envelope = JSON.parse(text)
  } catch {
    // A body that is no JSON has no envelope.
    return undefined
  }
  if (typeof envelope !== 'object' || envelope === null) return undefined
  const { TopicArn, Message, MessageAttributes } = envelope as Record<string, unknown>
  if (typeof TopicArn !== 'string' || TopicArn === '' || typeof Message !== 'string')
    return undefined
  const attributes = typeof MessageAttributes === 'object' ? (MessageAttributes ?? {}) : {}
  return { text: Message, isBase64: Object.hasOwn(attributes, BASE64) }
}
