import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { storm } from './storm.ts'

storm({
  name: 'A file',
  async open() {
    const dir = await mkdtemp(path.join(os.tmpdir(), 'hosts-'))
    const file = path.join(dir, 'hosts.json')
    return {
      extraConfig: { 'discovery/file': { path: file, interval: '500ms' } },
      backend: { sd: 'file', host: ['shop'] },
      async put(ports) {
        const text = JSON.stringify({ shop: ports.map((port) => `http://127.0.0.1:${port}`) })
        await writeFile(`${file}.new`, text)
        await rename(`${file}.new`, file)
      },
      kill: () => rm(file),
      revive: () => writeFile(file, '{}'),
      [Symbol.asyncDispose]: () => rm(dir, { recursive: true }),
    }
  },
})
