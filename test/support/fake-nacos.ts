import { type FakeRegistry, sendJson, startFakeRegistry } from './fake-registry.ts'

export type FakeNacos = FakeRegistry & {
  set(service: string, hosts: readonly object[], more?: object): void
  expire(): void
  logins(): number
}
export type FakeNacosOptions = {
  readonly version?: 1 | 3
  readonly password?: string
  readonly tokenTtl?: number
}

/** Nacos's instance list and log-in: v1, or v3 with v1 gone. */
export async function startFakeNacos(options: FakeNacosOptions = {}): Promise<FakeNacos> {
  const { version = 1, password, tokenTtl = 18_000 } = options
  const services = new Map<string, { hosts: readonly object[]; more: object }>()
  const paths =
    version === 1
      ? { list: '/nacos/v1/ns/instance/list', login: '/nacos/v1/auth/login' }
      : { list: '/nacos/v3/client/ns/instance/list', login: '/nacos/v3/auth/user/login' }
  let token = 0
  let logins = 0

  const fake = await startFakeRegistry(({ path, query, headers, body, reply }) => {
    if (path === paths.login) {
      if (new URLSearchParams(body).get('password') !== password)
        return sendJson(reply, { status: 500 }, 500)
      logins++
      return sendJson(reply, { accessToken: `secret-token-${token}`, tokenTtl, globalAdmin: true })
    }
    if (path !== paths.list) return sendJson(reply, { status: 410, error: 'Gone' }, 410)
    if (password !== undefined && headers['accesstoken'] !== `secret-token-${token}`)
      return sendJson(reply, { status: 403, error: 'Forbidden' }, 403)
    const key = [
      query.get('namespaceId') ?? 'public',
      query.get('groupName'),
      query.get('serviceName'),
    ].join(' ')
    const { hosts = [], more = {} } = services.get(key) ?? {}
    if (version === 3) return sendJson(reply, { code: 0, message: 'success', data: hosts })
    sendJson(reply, {
      name: query.get('serviceName'),
      reachProtectionThreshold: false,
      ...more,
      hosts,
    })
  })
  return {
    ...fake,
    set(service, hosts, more = {}) {
      services.set(service.includes(' ') ? service : `public DEFAULT_GROUP ${service}`, {
        hosts,
        more,
      })
    },
    expire: () => void token++,
    logins: () => logins,
  }
}
