import type { Plugin } from 'gateway/plugin'

// "plugin/http-server": { "name": "request-stamp", "request-stamp": { "header": "X-Request-Stamp" } }
// Gives every reply a header with the time it took, and refuses requests without a Host.
export default {
  name: 'request-stamp',
  httpServer(config, helpers) {
    const own = config['request-stamp']
    const header =
      typeof own === 'object' && own !== null && 'header' in own ? own['header'] : 'X-Request-Stamp'
    if (typeof header !== 'string') throw new Error('request-stamp.header must be a text')
    return async (request, next) => {
      if (request.host === '') throw helpers.error('whom do you mean?', { status: 400 })
      const startMs = performance.now()
      const reply = await next(request)
      const tookMs = (performance.now() - startMs).toFixed(1)
      return { ...reply, headers: { ...reply.headers, [header]: [tookMs] } }
    }
  },
} satisfies Plugin
