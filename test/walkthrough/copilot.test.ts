import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { freePort } from '../support/free-port.ts'
import { send, until } from '../support/real-registry.ts'
import { serverOrSkip } from '../support/servers.ts'
import { type RunningGateway, startGateway } from '../support/start-gateway.ts'
import { upstreamAt } from './upstream-at.ts'

/** What Copilot puts into every task's environment: `ENVIRONMENT.APP.local`. */
const NAMESPACE = 'test.copilot-servicediscovery.local'
const ZONE = 'copilot-servicediscovery.local'
const NAME_SERVER = '127.0.0.1:9231'
const server = serverOrSkip('knot')
const TASKS = ['127.0.9.1', '127.0.9.2'] as const
const idOf = (address: string) => `ip-${address.replaceAll('.', '-')}`

async function zone(changes: readonly (readonly string[])[]): Promise<void> {
  await server.call('ctl', 'zone-begin', ZONE)
  for (const [word = '', ...words] of changes) await server.call('ctl', word, ZONE, ...words)
  await server.call('ctl', 'zone-commit', ZONE)
}

/** What Cloud Map registers for a task: SRV and A at the service's bare name, and A for the task. */
const recordsOf = (service: string, address: string, port: number): string[][] => [
  [`${service}.test`, 'SRV', `1 1 ${port} ${idOf(address)}.${service}.${NAMESPACE}.`],
  [`${service}.test`, 'A', address],
  [`${idOf(address)}.${service}.test`, 'A', address],
]
const register = (service: string, address: string, port: number) =>
  zone(
    recordsOf(service, address, port).map(([name = '', ...more]) => [
      'zone-set',
      name,
      '10',
      ...more,
    ]),
  )
const deregister = (service: string, address: string, port: number) =>
  zone(recordsOf(service, address, port).map((words) => ['zone-unset', ...words]))

/** app2 of the tutorial: `Hello from APP2`, as JSON text, for whoever asks `/`. */
const app2 = (address: string, port: number) =>
  upstreamAt(address, port, (_request, reply) => {
    reply.setHeader('content-type', 'application/json')
    reply.setHeader('x-task', address)
    reply.end('"Hello from APP2"')
  })

/** app1 of the tutorial is this gateway: `/` nests what app2 says, `/ping` tells the load balancer that it lives. */
function app1(host: string, env: Readonly<Record<string, string>>, workers = 1) {
  const backend = {
    ...{ url_pattern: '/', sd: 'dns', disable_host_sanitize: true, host: [host] },
    ...{ encoding: 'safejson', mapping: { content: 'app2_response' } },
  }
  return startGateway(
    {
      dns_cache_ttl: '1s',
      extra_config: {
        'discovery/dns': { servers: [NAME_SERVER] },
        router: { health_path: '/ping' },
      },
      endpoints: [{ endpoint: '/', backend: [backend] }],
    },
    { env: { FC_ENABLE: '1', ...env }, workers },
  )
}
const get = async ({ url }: RunningGateway) => JSON.parse(await send(`${url}/`))
const ANSWER = { app2_response: 'Hello from APP2' }

describe("AWS Copilot's walk-through with a real name server", { skip: server.skip }, () => {
  before(() => server.start())
  after(() => server.stop())

  for (const workers of [1, 4])
    it(`nests app2's answer, found by its bare name in Cloud Map, once it is deployed (${workers} threads)`, async () => {
      const port = await freePort()
      await using gateway = await app1(
        'app2.{{ env `COPILOT_SERVICE_DISCOVERY_ENDPOINT` }}',
        { COPILOT_SERVICE_DISCOVERY_ENDPOINT: NAMESPACE },
        workers,
      )
      // app1 may be deployed first: it lives, and has no answer yet.
      assert.equal(JSON.parse(await send(`${gateway.url}/ping`)).status, 'ok')
      await assert.rejects(get(gateway), /: 503 /)

      const [first, second] = TASKS
      await using one = await app2(first, port)
      await register('app2', first, port)
      await until(async () => assert.deepEqual(await get(gateway), ANSWER))

      // A deployment: the new task is registered before the old one leaves, and nobody notices.
      await using other = await app2(second, port)
      await register('app2', second, port)
      await noticedByNobody(gateway)
      await deregister('app2', first, port)
      await noticedByNobody(gateway)
      await one[Symbol.asyncDispose]()
      await noticedByNobody(gateway)
      await deregister('app2', second, port)
      assert.ok(other)
    })

  it('finds app2 by the address that `copilot svc show` prints, name and port', async () => {
    const port = await freePort()
    const [first] = TASKS
    await using task = await app2(first, port)
    await register('app2', first, port)
    await using gateway = await app1('{{ env `APP2_URL` }}', {
      APP2_URL: `app2.${NAMESPACE}:${port}`,
    })
    await until(async () => assert.deepEqual(await get(gateway), ANSWER))
    await deregister('app2', first, port)
    assert.ok(task)
  })
})

/** Longer than a period of the name server's answers. */
async function noticedByNobody(gateway: RunningGateway): Promise<void> {
  const endMs = performance.now() + 1500
  while (performance.now() < endMs) assert.deepEqual(await get(gateway), ANSWER)
}
