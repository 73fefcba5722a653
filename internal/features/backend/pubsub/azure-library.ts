import { optionalPackage } from '../../../brokers/optional-package.ts'
import { smallFetch } from '../../../client/small-fetch.ts'
import { defaultIdentity } from '../../../cloud/azure/default-identity.ts'
import type { DriverScope } from './driver.ts'

/** The part of the package `@azure/service-bus` that is used here. */
export type AzureLibrary = {
  readonly ServiceBusClient: {
    new (connectionString: string, options: AzureOptions): AzureClient
    new (hostname: string, credential: AzureCredential, options: AzureOptions): AzureClient
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

/** What the SDK asks for a token. */
export type AzureCredential = {
  getToken(): Promise<{ readonly token: string; readonly expiresOnTimestamp: number }>
}

/** As the library writes it, with both slashes. */
const SCOPE = 'https://servicebus.azure.net//.default'

/** The identity of the machine or its environment; the SDK keeps its tokens. */
export function azureIdentity({ env, path, now }: DriverScope): AzureCredential {
  const grant = defaultIdentity({ env, path, scope: SCOPE })
  return {
    async getToken() {
      const client = smallFetch({ mostRedirects: 0 })
      try {
        const { token, endsMs } = await grant(client, now())
        return { token, expiresOnTimestamp: endsMs }
      } finally {
        await client.close()
      }
    },
  }
}
