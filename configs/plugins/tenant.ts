import type { Plugin, RequestModifier, ResponseModifier } from 'gateway/plugin'

// "plugin/req-resp-modifier": { "name": ["tenant"], "tenant": { "default": "public" } }
// Asks every backend in the name of a tenant, and keeps fields that start with "_" from clients.
const requestModifier: RequestModifier = (config, helpers) => {
  const own = config['tenant']
  const byDefault =
    typeof own === 'object' && own !== null && 'default' in own ? own['default'] : ''
  if (typeof byDefault !== 'string') throw new Error('tenant.default must be a text')
  return (request) => {
    const [tenant = byDefault] = request.headers['X-Tenant'] ?? []
    if (tenant === '') throw helpers.error('no tenant', { status: 403 })
    return {
      ...request,
      headers: { ...request.headers, 'X-Tenant': [tenant] },
      query: { ...request.query, tenant: [tenant] },
    }
  }
}

const responseModifier: ResponseModifier = () => (response) => {
  if (response.data === undefined || response.data === null) return
  const shown = Object.entries(response.data).filter(([name]) => !name.startsWith('_'))
  return { ...response, data: Object.fromEntries(shown) }
}

export default { name: 'tenant', requestModifier, responseModifier } satisfies Plugin
