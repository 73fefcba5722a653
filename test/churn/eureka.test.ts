import { send } from '../support/real-registry.ts'
import { serverOrSkip } from '../support/servers.ts'
import { killServer } from './kill-server.ts'
import { members } from './members.ts'
import { storm } from './storm.ts'

const URL = 'http://127.0.0.1:9210'
const APP = `${URL}/eureka/apps/SHOP`
const DATA_CENTER = 'com.netflix.appinfo.InstanceInfo$DefaultDataCenterInfo'

function register(port: number): Promise<string> {
  const instance = {
    instanceId: `shop-${port}`,
    hostName: '127.0.0.1',
    app: 'SHOP',
    ipAddr: '127.0.0.1',
    status: 'UP',
    port: { $: port, '@enabled': 'true' },
    securePort: { $: 443, '@enabled': 'false' },
    dataCenterInfo: { '@class': DATA_CENTER, name: 'MyOwn' },
    vipAddress: 'shop',
    leaseInfo: { renewalIntervalInSecs: 30, durationInSecs: 90 },
  }
  return send(APP, { method: 'POST', body: { instance } })
}

storm({
  name: 'Eureka',
  needs: 'eureka',
  async open() {
    const server = serverOrSkip('eureka')
    await server.start('plain')
    const { put, forget } = members(register, (port) =>
      send(`${APP}/shop-${port}`, { method: 'DELETE' }),
    )
    return {
      extraConfig: { 'discovery/eureka': { host: [URL], fetch_interval: '500ms' } },
      backend: { sd: 'eureka', host: ['SHOP'] },
      put,
      async kill() {
        killServer('eureka-plain')
        await server.stop()
        forget()
      },
      revive: () => server.start('plain'),
      [Symbol.asyncDispose]: () => server.stop(),
    }
  },
})
