import type { Plugin } from 'gateway/plugin'

// "plugin/http-client": { "name": "second-try", "second-try": { "address": "http://standby:8080" } }
// Asks a standby when the upstream answers with a server error.
export default {
  name: 'second-try',
  httpClient(config, helpers) {
    const own = config['second-try']
    const address =
      typeof own === 'object' && own !== null && 'address' in own ? own['address'] : ''
    if (typeof address !== 'string' || address === '')
      throw new Error('second-try.address is missing')
    return async (call, next) => {
      const reply = await next(call)
      if (reply.status < 500 || call.method !== 'GET') return reply
      helpers.log.warning(`${call.url} answered ${reply.status}`)
      const { pathname, search } = new URL(call.url)
      return next({ ...call, url: `${address}${pathname}${search}` })
    }
  },
} satisfies Plugin
