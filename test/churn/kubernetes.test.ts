import { slice, startFakeKubernetes } from '../support/fake-kubernetes.ts'
import { members } from './members.ts'
import { storm } from './storm.ts'

// The real API server refuses slices with loopback addresses, so nothing on this machine could be behind them: it is
// read and watched in test/discovery, and this is about the traffic.
storm({
  name: 'Kubernetes',
  async open() {
    const fake = await startFakeKubernetes()
    const { put } = members(
      async (port) => fake.put(`shop-${port}`, slice([`127.0.0.1:${port}`]), 'shop'),
      async (port) => fake.remove(`shop-${port}`),
    )
    return {
      extraConfig: { 'discovery/kubernetes': { address: fake.url, namespace: 'default' } },
      backend: { sd: 'kubernetes', host: ['shop'] },
      put,
      kill: () => fake.fault('down'),
      async revive() {
        await fake.fault('none')
        // What was there when it died is compacted: whoever resumes must list again.
        fake.expireVersions()
      },
      [Symbol.asyncDispose]: () => fake[Symbol.asyncDispose](),
    }
  },
})
