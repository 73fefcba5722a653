import type { Client } from '../client/client.ts'
import { clientTls } from '../client/client-tls.ts'
import { httpClient } from '../client/http-client.ts'
import { proxyFromEnvironment } from '../client/proxy-environment.ts'
import type { ServiceConfig } from '../config/types.ts'
import { DeadlineWheel } from '../pipe/deadline.ts'
import { basicAuthorization, withoutUser } from '../pipe/host-user.ts'
import { BadEscape } from '../pipe/percent.ts'
import type { HeaderList } from '../pipe/pipe.ts'
import type { Instance } from './discovery.ts'
import type { Checker } from './health-checks.ts'
import { instanceOrigin } from './snapshot.ts'

/** A status from here on is no sign of health. */
const FIRST_BAD_STATUS = 400

/** Checks over HTTP, by the transport and TLS settings that requests have. Opens nothing before the first one. */
export function checkCalls(
  config: Pick<ServiceConfig, 'transport' | 'clientTls'>,
  env: NodeJS.ProcessEnv,
): Checker {
  const addresses = new Map<string, readonly string[]>()
  const wheel = new DeadlineWheel()
  let client: Client | undefined
  const open = () =>
    httpClient({
      transport: config.transport,
      tls: clientTls(config.clientTls),
      proxyFor: proxyFromEnvironment(env),
      book: (_host, origin) => addresses.get(origin),
      threads: 1,
      kept: NEVER_KEPT,
    })
  return {
    async call(instance, path, timeoutMs) {
      client ??= open()
      const { origin, headers } = placeToAsk(instance)
      addresses.set(origin, instance.addresses)
      const deadline = wheel.start(performance.now()).limit(timeoutMs)
      try {
        const call = { method: 'GET', origin, path, headers, body: undefined }
        const reply = await client.exchange(call, deadline)
        const { status } = reply
        reply.body.destroy()
        return status < FIRST_BAD_STATUS ? undefined : `GET ${path} answered ${status}`
      } catch (error) {
        // Whatever it was, it is no good answer: the reason is told in explain.
        return error instanceof Error ? error.message : String(error)
      } finally {
        deadline.finish()
        addresses.delete(origin)
      }
    },
    close: async () => client?.close(),
  }
}

/** An instance's origin; the user and password of a written one become its Authorization, as in requests. */
function placeToAsk(instance: Instance): { origin: string; headers: HeaderList } {
  const origin = instanceOrigin(instance)
  const [, user] = USER.exec(origin) ?? []
  if (user === undefined || instance.isPinned === true) return { origin, headers: [] }
  const authorization = basicAuthorization(user)
  // What requests cannot be sent with, the check does without.
  const headers = authorization instanceof BadEscape ? [] : ['Authorization', authorization]
  return { origin: withoutUser(origin), headers }
}

const USER = /^[a-z]+:\/\/(.*)@/

/** A check is not sent again on another connection. */
const NEVER_KEPT = { note: () => undefined, hadAt: () => false }
