import { grpcSender } from '../../../telemetry/otlp/grpc-sender.ts'
import { httpSender } from '../../../telemetry/otlp/http-sender.ts'
import type { Sender, SenderOptions, Signal } from '../../../telemetry/otlp/sender.ts'
import { collectorContext, differBySignal } from './collector-context.ts'
import type { OtlpExporter } from './exporters.ts'

/** Connections to one collector: the same for both signals, unless the environment gives each files of its own. */
export function collectorSender(
  { protocol, origin }: OtlpExporter,
  env: NodeJS.ProcessEnv,
  headers: SenderOptions['headers'],
): Sender {
  const isSecure = origin.startsWith('https:')
  const senderOf = (signal: Signal): Sender =>
    (protocol === 'http' ? httpSender : grpcSender)({
      origin,
      secureContext: isSecure ? collectorContext(env, signal) : undefined,
      headers,
    })
  if (!isSecure || !differBySignal(env)) return senderOf('traces')
  const senders = { traces: senderOf('traces'), metrics: senderOf('metrics') }
  return {
    send: (signal, request) => senders[signal].send(signal, request),
    close() {
      senders.traces.close()
      senders.metrics.close()
    },
  }
}
