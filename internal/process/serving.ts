import { clientTls } from '../client/client-tls.ts'
import { httpClient } from '../client/http-client.ts'
import { keptOrigins } from '../client/kept-origins.ts'
import { proxyFromEnvironment } from '../client/proxy-environment.ts'
import type { ServiceConfig } from '../config/types.ts'
import { ThreadDiscovery } from '../discovery/thread-discovery.ts'
import { buildGateway } from '../gateway.ts'
import { openListener } from '../listener/open-listener.ts'
import { clientAddress } from '../pipe/client-address.ts'
import { DeadlineWheel } from '../pipe/deadline.ts'
import { bodyHolder } from '../pipe/hold-body.ts'
import { threadMeters } from '../telemetry/thread-meters.ts'
import type { MainDesk } from './ask.ts'
import { threadLogs } from './logs.ts'
import { monotonicClock } from './monotonic-clock.ts'
import { sharedWords } from './shared-memory.ts'
import { sharedSlots } from './shared-slots.ts'
import { sharedTable } from './shared-table.ts'
import type { FromRequestThread, ThreadBirth, ThreadSettings } from './thread-messages.ts'

export type ServingOptions = {
  readonly config: ServiceConfig
  readonly settings: ThreadSettings
  readonly birth: ThreadBirth
  readonly tell: (message: FromRequestThread) => void
  readonly desk: MainDesk
}

/** A thread that serves. */
export type Serving = {
  /** Stops accepting and resolves when the last request is done. */
  drain(): Promise<void>
}

/** Builds everything that one request thread has of its own, and listens. */
export async function startServing({
  config,
  settings,
  birth,
  tell,
  desk,
}: ServingOptions): Promise<Serving> {
  const { shared } = birth
  const meters = threadMeters({ post: (message) => tell({ type: 'meters', message }) })
  const logs = threadLogs(config, settings, meters)
  const discovery = new ThreadDiscovery(birth.discoveryPort)
  const client = httpClient({
    transport: config.transport,
    tls: clientTls(config.clientTls),
    proxyFor: proxyFromEnvironment(process.env),
    book: (host, origin) => discovery.addresses.addressesOf(host, origin),
    threads: settings.workers,
    kept: keptOrigins(sharedWords(shared.words)),
  })
  discovery.addresses.whenUnused((origin) => client.retire(origin))
  const limits = { perRequest: settings.maxRequestBytes, total: settings.maxRequestBytesTotal }
  const held = { words: new Int32Array(birth.heldMemory), index: birth.seat }
  const gateway = buildGateway(config, {
    scope: {
      log: logs.application,
      meters,
      words: sharedWords(shared.words),
      slots: sharedSlots(shared.slots, { threads: shared.threads, thread: birth.seat }),
      clients: sharedTable(shared.table),
      client,
      now: Date.now,
      clock: monotonicClock(),
      random: Math.random,
      ask: desk.ask,
      hear: desk.hear,
      holder: bodyHolder(limits, held),
      maxDecodeBytes: settings.maxDecodeBytes,
    },
    discovery,
    seat: { index: birth.seat, of: shared.threads },
  })
  const listener = await openListener({
    config,
    reusesPort: settings.reusesPort,
    serve: gateway.handle,
    clientAddress: clientAddress(config.router),
    wheel: new DeadlineWheel(),
    meters: {
      inFlight: meters.gauge('gateway_requests_in_flight'),
      connections: meters.gauge('gateway_connections'),
      responseBytes: meters.counter('gateway_response_bytes_total'),
    },
    accessLog: logs.access,
    log: logs.application,
  })
  return {
    async drain() {
      await listener.drain()
      await gateway.close()
      discovery.close()
      await client.close()
      meters.flush()
      meters.close()
      logs.close()
      birth.discoveryPort.close()
    },
  }
}
