import { optionalPackage } from '../../../brokers/optional-package.ts'

/** The part of the package `@azure/service-bus` that is used here. */
export type AzureLibrary = {
  readonly ServiceBusClient: {
    new (connectionString: string, options: AzureOptions): AzureClient
    new (hostname: string, credential: object, options: AzureOptions): AzureClient
  }
}
export type AzureOptions = {
  readonly retryOptions: {
    readonly maxRetries: number
    readonly retryDelayInMs: number
    readonly timeoutInMs: number
  }
}
export type AzureClient = {
  createSender(topic: string): AzureSender
  createReceiver(
    topic: string,
    subscription: string,
    options: {
      readonly receiveMode: 'peekLock'
      readonly skipParsingBodyAsJson: true
      readonly maxAutoLockRenewalDurationInMs: 0
    },
  ): AzureReceiver
  close(): Promise<void>
}
export type AzureSender = {
  sendMessages(
    message: { readonly body: Buffer; readonly applicationProperties: Record<string, string> },
    options: { readonly abortSignal: AbortSignal },
  ): Promise<void>
}
/** One call of `receiveMessages` at a time. */
export type AzureReceiver = {
  receiveMessages(
    most: number,
    options: { readonly maxWaitTimeInMs: number },
  ): Promise<readonly AzureMessage[]>
  completeMessage(message: AzureMessage): Promise<void>
  abandonMessage(message: AzureMessage): Promise<void>
  close(): Promise<void>
}
export type AzureMessage = { readonly body: unknown }

/** @throws {ConfigError} when it is not installed */
export const azureLibrary = (path: string): AzureLibrary =>
  optionalPackage('@azure/service-bus', path) as AzureLibrary

/**
 * The identity of the machine or its environment.
 *
 * @throws {ConfigError} when the package for it is not installed
 */
export function azureIdentity(path: string): object {
  const library = optionalPackage('@azure/identity', path)
  const { DefaultAzureCredential } = library as { DefaultAzureCredential: new () => object }
  return new DefaultAzureCredential()
}
