import { type FakeRegistry, sendJson, startFakeRegistry } from './fake-registry.ts'

export type FakeInstance = {
  readonly app: string
  readonly id: string
  readonly ipAddr: string
  readonly port?: number | object
  readonly [more: string]: unknown
}
export type FakeEureka = FakeRegistry & {
  register(instance: FakeInstance): void
  deregister(id: string): void
  /** From now on deltas say nothing of what happens. */
  forgetDeltas(): void
}
type Change = { readonly instance: FakeInstance; readonly actionType: string }

/** Eureka's `/apps` and `/apps/delta`, as Spring Cloud's server answers them. */
export async function startFakeEureka(login = ''): Promise<FakeEureka> {
  const instances = new Map<string, FakeInstance>()
  const changes: Change[] = []
  let isForgetful = false

  const shown = ({ app, id, port = 80, ...more }: FakeInstance, actionType: string) => ({
    instanceId: id,
    hostName: id,
    app: app.toUpperCase(),
    status: 'UP',
    overriddenStatus: 'UNKNOWN',
    port: typeof port === 'object' ? port : { $: port, '@enabled': 'true' },
    securePort: { $: 443, '@enabled': 'false' },
    metadata: { '@class': 'java.util.Collections$EmptyMap' },
    ...more,
    actionType,
  })
  function applications(list: readonly Change[]) {
    const names = new Set(list.map(({ instance }) => instance.app.toUpperCase()))
    const counts: Record<string, number> = {}
    for (const one of instances.values()) {
      const status = String(one['status'] ?? 'UP')
      counts[status] = (counts[status] ?? 0) + 1
    }
    const hash = Object.keys(counts)
      .sort()
      .map((status) => `${status}_${counts[status]}_`)
    const application = [...names].map((name) => ({
      name,
      instance: list
        .filter(({ instance }) => instance.app.toUpperCase() === name)
        .map(({ instance, actionType }) => shown(instance, actionType)),
    }))
    return { applications: { versions__delta: '1', apps__hashcode: hash.join(''), application } }
  }

  const fake = await startFakeRegistry(({ path, headers, reply }) => {
    if (login !== '' && headers.authorization !== `Basic ${Buffer.from(login).toString('base64')}`)
      return void reply.writeHead(401).end()
    if (path === '/eureka/apps') {
      const all = [...instances.values()].map((instance) => ({ instance, actionType: 'ADDED' }))
      return sendJson(reply, applications(all))
    }
    if (path === '/eureka/apps/delta')
      return sendJson(reply, applications(isForgetful ? [] : changes))
    sendJson(reply, { error: 'Not Found' }, 404)
  })
  return {
    ...fake,
    register(instance) {
      const isKnown = instances.has(instance.id)
      instances.set(instance.id, instance)
      changes.push({ instance, actionType: isKnown ? 'MODIFIED' : 'ADDED' })
    },
    deregister(id) {
      const instance = instances.get(id)
      if (instance === undefined) return
      instances.delete(id)
      changes.push({ instance, actionType: 'DELETED' })
    },
    forgetDeltas() {
      isForgetful = true
    },
  }
}
