import { optionalPackage } from '../../../brokers/optional-package.ts'

type BaseOptions = {
  readonly clientId: string
  readonly bootstrapBrokers: readonly string[]
  readonly autocreateTopics: boolean
  readonly connectTimeout: number
  readonly retries: number
  readonly retryDelay: number
}
/** The part of the package `@platformatic/kafka` that is used here. */
export type KafkaLibrary = {
  readonly Producer: new (options: BaseOptions) => KafkaProducer
  readonly Consumer: new (options: BaseOptions & { readonly groupId: string }) => KafkaConsumer
}
export type KafkaProducer = {
  send(options: {
    readonly acks: number
    readonly messages: readonly {
      readonly topic: string
      readonly key?: Buffer
      readonly value: Buffer
      readonly headers: ReadonlyMap<Buffer, Buffer>
    }[]
  }): Promise<unknown>
  close(force?: boolean): Promise<unknown>
}
export type KafkaConsumer = {
  consume(options: {
    readonly topics: readonly string[]
    readonly autocommit: false
    readonly mode: 'committed'
    readonly fallbackMode: 'earliest' | 'latest'
    readonly highWaterMark: number
    readonly maxBytes: number
  }): Promise<KafkaStream>
  close(force?: boolean): Promise<unknown>
}
export type KafkaStream = {
  on(event: 'data', listener: (message: KafkaMessage) => void): unknown
  on(event: 'error', listener: (error: Error) => void): unknown
  on(event: 'close', listener: () => void): unknown
  pause(): unknown
  resume(): unknown
}
export type KafkaMessage = {
  readonly value: Buffer | undefined
  readonly topic: string
  readonly partition: number
  commit(): Promise<unknown>
}

/** @throws {ConfigError} when it is not installed */
export const kafkaLibrary = (path: string): KafkaLibrary =>
  optionalPackage('@platformatic/kafka', path) as KafkaLibrary
