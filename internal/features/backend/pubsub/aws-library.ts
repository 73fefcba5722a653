import { optionalPackage } from '../../../brokers/optional-package.ts'

/** A client of the AWS SDK, as far as it is used here. */
export type AwsClient = {
  send(command: object, options: { readonly abortSignal: AbortSignal }): Promise<AwsOutput>
  destroy(): void
}
export type AwsOutput = { readonly Messages?: readonly SqsMessage[] }
export type SqsMessage = {
  readonly Body?: string
  readonly ReceiptHandle?: string
  readonly MessageAttributes?: Readonly<Record<string, { readonly StringValue?: string }>>
}
type Command = new (input: object) => object
export type SnsLibrary = {
  readonly SNSClient: new (options: object) => AwsClient
  readonly PublishCommand: Command
}
export type SqsLibrary = {
  readonly SQSClient: new (options: object) => AwsClient
  readonly SendMessageCommand: Command
  readonly ReceiveMessageCommand: Command
  readonly DeleteMessageCommand: Command
  readonly ChangeMessageVisibilityCommand: Command
}

/** @throws {ConfigError} when it is not installed */
export const snsLibrary = (path: string): SnsLibrary =>
  optionalPackage('@aws-sdk/client-sns', path) as SnsLibrary
/** @throws {ConfigError} when it is not installed */
export const sqsLibrary = (path: string): SqsLibrary =>
  optionalPackage('@aws-sdk/client-sqs', path) as SqsLibrary
