import { send } from '../support/real-registry.ts'
import { serverOrSkip } from '../support/servers.ts'
import { killServer } from './kill-server.ts'
import { members } from './members.ts'
import { storm } from './storm.ts'

const URL = 'http://127.0.0.1:9250'
const instance = (port: number) =>
  `${URL}/nacos/v1/ns/instance?serviceName=shop&ip=127.0.0.1&port=${port}&ephemeral=true`

storm({
  name: 'Nacos',
  needs: 'nacos',
  async open() {
    const server = serverOrSkip('nacos')
    await server.start('plain')
    const { put, forget } = members(
      (port) => send(instance(port), { method: 'POST' }),
      (port) => send(instance(port), { method: 'DELETE' }),
    )
    return {
      extraConfig: { 'discovery/nacos': { host: [URL], fetch_interval: '500ms' } },
      backend: { sd: 'nacos', host: ['shop'] },
      put,
      async kill() {
        killServer('nacos-plain-port')
        await server.stop()
        forget()
      },
      revive: () => server.start('plain'),
      [Symbol.asyncDispose]: () => server.stop(),
    }
  },
})
