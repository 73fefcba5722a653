import { send } from '../support/real-registry.ts'
import { serverOrSkip } from '../support/servers.ts'
import { killServer } from './kill-server.ts'
import { members } from './members.ts'
import { storm } from './storm.ts'

const URL = 'http://127.0.0.1:9200'
const PREFIX = '/services/shop/'
const base64 = (text: string) => Buffer.from(text).toString('base64')
const change = (word: string, body: object) =>
  send(`${URL}/v3/kv/${word}`, { method: 'POST', body })

/** Debian's, and the current one. */
for (const [version, needs] of [
  ['3.4', 'etcd'],
  ['3.6', 'etcd-new'],
] as const)
  storm({
    name: `etcd ${version}`,
    needs,
    async open() {
      const server = serverOrSkip(needs)
      await server.start('plain')
      const { put, forget } = members(
        (port) =>
          change('put', {
            key: base64(`${PREFIX}${port}`),
            value: base64(`http://127.0.0.1:${port}`),
          }),
        (port) => change('deleterange', { key: base64(`${PREFIX}${port}`) }),
      )
      return {
        extraConfig: { 'discovery/etcd': { endpoints: [URL] } },
        backend: { sd: 'etcd', host: [PREFIX] },
        put,
        async kill() {
          killServer('etcd-plain')
          await server.stop()
          forget()
        },
        revive: () => server.start('plain'),
        [Symbol.asyncDispose]: () => server.stop(),
      }
    },
  })
