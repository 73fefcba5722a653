import { optionalPackage } from '../../../brokers/optional-package.ts'

/** The part of the package `@aws-sdk/client-lambda` that is used here. */
export type LambdaLibrary = {
  readonly LambdaClient: new (options: LambdaClientOptions) => LambdaClient
  readonly InvokeCommand: new (input: InvokeInput) => unknown
}
export type LambdaClientOptions = {
  readonly region?: string
  readonly endpoint?: string
  readonly maxAttempts?: number
}
export type InvokeInput = {
  readonly FunctionName: string
  readonly InvocationType: 'RequestResponse'
  readonly LogType: 'None'
  readonly Payload: Uint8Array
}
export type InvokeOutput = {
  readonly StatusCode?: number
  readonly ExecutedVersion?: string
  readonly Payload?: Uint8Array
}
export type LambdaClient = {
  send(command: unknown, options: { readonly abortSignal: AbortSignal }): Promise<InvokeOutput>
  destroy(): void
}

/** @throws {ConfigError} when it is not installed */
export const lambdaLibrary = (path: string): LambdaLibrary =>
  optionalPackage('@aws-sdk/client-lambda', path) as LambdaLibrary
