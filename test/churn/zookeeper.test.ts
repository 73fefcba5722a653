import { serverOrSkip } from '../support/servers.ts'
import { type ZooKeeperWriter, zooKeeperWriter } from '../support/zookeeper-writer.ts'
import { killServer } from './kill-server.ts'
import { members } from './members.ts'
import { storm } from './storm.ts'

const PORT = 9240
const NODE = '/services/shop'

/** A session for each change: one that says nothing for ten seconds is over. */
async function withWriter(change: (writer: ZooKeeperWriter) => Promise<void>): Promise<void> {
  const writer = await zooKeeperWriter(PORT)
  try {
    await change(writer)
  } finally {
    writer.close()
  }
}

storm({
  name: 'ZooKeeper',
  needs: 'zookeeper',
  async open() {
    const server = serverOrSkip('zookeeper')
    await server.start()
    const { put, forget } = members(
      (port) =>
        withWriter(async (writer) => {
          for (const node of ['/services', NODE]) await writer.create(node, '')
          await writer.create(`${NODE}/127.0.0.1:${port}`, '')
        }),
      (port) => withWriter((writer) => writer.remove(`${NODE}/127.0.0.1:${port}`)),
    )
    return {
      extraConfig: { 'discovery/zookeeper': { servers: `127.0.0.1:${PORT}` } },
      backend: { sd: 'zookeeper', host: ['shop'] },
      put,
      async kill() {
        killServer('zookeeper')
        await server.stop()
        forget()
      },
      revive: () => server.start(),
      [Symbol.asyncDispose]: () => server.stop(),
    }
  },
})
