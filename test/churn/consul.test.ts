import { send } from '../support/real-registry.ts'
import { serverOrSkip } from '../support/servers.ts'
import { killServer } from './kill-server.ts'
import { members } from './members.ts'
import { storm } from './storm.ts'

const URL = 'http://127.0.0.1:9220'

storm({
  name: 'Consul',
  needs: 'consul',
  async open() {
    const server = serverOrSkip('consul')
    await server.start('plain')
    const agent = (word: string, body?: object) =>
      send(`${URL}/v1/agent/service/${word}`, { method: 'PUT', body })
    const { put, forget } = members(
      (port) =>
        agent('register', { ID: `shop-${port}`, Name: 'shop', Address: '127.0.0.1', Port: port }),
      (port) => agent(`deregister/shop-${port}`),
    )
    return {
      extraConfig: { 'discovery/consul': { address: URL } },
      backend: { sd: 'consul', host: ['shop'] },
      put,
      async kill() {
        killServer('consul-plain')
        await server.stop()
        forget()
      },
      revive: () => server.start('plain'),
      [Symbol.asyncDispose]: () => server.stop(),
    }
  },
})
