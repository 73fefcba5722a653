import { spawnSync } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { fillIn } from '../fill-in.ts'
import { findProgram, requireProgram } from './find-program.ts'
import type { Program } from './program.ts'

const CONFIGURATION = 'haproxy.cfg'

/** HAProxy as a gateway. */
export const haproxy: Program = {
  missing: () => (findProgram('haproxy') === undefined ? 'not installed' : undefined),
  version: () => {
    const { stdout } = spawnSync(requireProgram('haproxy'), ['-v'], { encoding: 'utf8' })
    return stdout.split('\n', 1)[0] ?? ''
  },
  async prepare({ folder, port, width, upstream }) {
    const text = await readFile(path.join(import.meta.dirname, CONFIGURATION), 'utf8')
    const file = path.join(folder, CONFIGURATION)
    const values = {
      PORT: port,
      WORKERS: width,
      UPSTREAM_PORT: upstream[0],
      SECOND_UPSTREAM_PORT: upstream[1],
    }
    await writeFile(file, fillIn(text, values))
    return { words: [requireProgram('haproxy'), '-db', '-f', file] }
  },
}
