import type { Delivery, MessageSource } from '../../../brokers/inbox.ts'
import { AWS_OPTIONS, awsOptions } from '../../../cloud/aws-options.ts'
import { unusable } from '../../../config/options.ts'
import type { Deadline } from '../../../pipe/deadline.ts'
import { flagOf, onlyOptions } from './address.ts'
import {
  type AwsClient,
  type SqsLibrary,
  type SqsMessage,
  snsLibrary,
  sqsLibrary,
} from './aws-library.ts'
import { awsBody, awsMessage } from './aws-message.ts'
import type { Address, Driver, DriverScope, Topic } from './driver.ts'
import { pollSource } from './poll-source.ts'
import { settling } from './settling.ts'
import { untilOver } from './until-over.ts'

/** SQS waits no longer for a message. */
const LONGEST_WAIT_S = 20
const SECOND_MS = 1000
const LEASE_LIMIT_MS = 10_000

/** `awssns:///arn:aws:sns:eu-west-1:123:topic?region=eu-west-1`. SNS has no subscriptions to take from: SQS has. */
export const awssns: Driver = {
  redelivers: true,
  openTopic(address, { env, path }) {
    onlyOptions(address, AWS_OPTIONS, path)
    const { SNSClient, PublishCommand } = snsLibrary(path)
    return topicOf(new SNSClient(awsOptions(address.query, env)), (message) => {
      const { text, attributes } = awsMessage(message)
      return new PublishCommand({
        ...{ TopicArn: address.name, Message: text, MessageAttributes: attributes },
      })
    })
  },
  openSubscription({ url }, { path }) {
    throw unusable(url.href, path, 'SNS has no queue to take from', 'awssqs://')
  },
}

/** `awssqs://sqs.eu-west-1.amazonaws.com/123/queue?region=eu-west-1`. */
export const awssqs: Driver = {
  redelivers: true,
  openTopic(address, { env, path }) {
    onlyOptions(address, AWS_OPTIONS, path)
    const { SQSClient, SendMessageCommand } = sqsLibrary(path)
    return topicOf(new SQSClient(awsOptions(address.query, env)), (message) => {
      const { text, attributes } = awsMessage(message)
      return new SendMessageCommand({
        ...{ QueueUrl: queueUrl(address), MessageBody: text, MessageAttributes: attributes },
      })
    })
  },
  openSubscription(address, scope) {
    onlyOptions(address, [...AWS_OPTIONS, 'raw', 'nacklazy', 'waittime'], scope.path)
    return queueSource(address, scope, sqsLibrary(scope.path))
  },
}

const queueUrl = ({ name }: Address): string => `https://${name}`

function topicOf(
  client: AwsClient,
  commandOf: (message: Parameters<Topic['send']>[0]) => object,
): Topic {
  return {
    async send(message, deadline: Deadline) {
      const abort = new AbortController()
      const sent = client.send(commandOf(message), { abortSignal: abort.signal })
      await untilOver(deadline, sent).finally(() => abort.abort())
    },
    async close() {
      client.destroy()
    },
  }
}

function queueSource(
  address: Address,
  { env, path }: DriverScope,
  library: SqsLibrary,
): MessageSource {
  const client = new library.SQSClient(awsOptions(address.query, env))
  const isRaw = flagOf(address, 'raw', path)
  const isLazy = flagOf(address, 'nacklazy', path)
  const words = settling()
  const settle = (command: object): void =>
    words.add(client.send(command, { abortSignal: AbortSignal.timeout(LEASE_LIMIT_MS) }))
  const delivery = (message: SqsMessage): Delivery => {
    const lease = { QueueUrl: queueUrl(address), ReceiptHandle: message.ReceiptHandle }
    return {
      body: awsBody(message, isRaw),
      ack: () => settle(new library.DeleteMessageCommand(lease)),
      nack(requeue) {
        if (!requeue) settle(new library.DeleteMessageCommand(lease))
        else if (!isLazy)
          settle(new library.ChangeMessageVisibilityCommand({ ...lease, VisibilityTimeout: 0 }))
      },
    }
  }
  const receive = async (remainingMs: number, abortSignal: AbortSignal) => {
    const command = new library.ReceiveMessageCommand({
      QueueUrl: queueUrl(address),
      MaxNumberOfMessages: 1,
      WaitTimeSeconds: Math.min(LONGEST_WAIT_S, Math.floor(remainingMs / SECOND_MS)),
      MessageAttributeNames: ['All'],
    })
    const message = (await client.send(command, { abortSignal })).Messages?.[0]
    return message && delivery(message)
  }
  return pollSource(receive, async () => {
    await words.done()
    client.destroy()
  })
}
