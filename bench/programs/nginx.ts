import { spawnSync } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { fillIn } from '../fill-in.ts'
import { findProgram, requireProgram } from './find-program.ts'
import type { Launch, Program } from './program.ts'

/** nginx as a gateway. */
export const nginx: Program = {
  missing: () => (findProgram('nginx') === undefined ? 'not installed' : undefined),
  version: () => spawnSync(requireProgram('nginx'), ['-v'], { encoding: 'utf8' }).stderr.trim(),
  async prepare({ folder, port, width, upstream }: Launch) {
    return await nginxCommand(folder, 'nginx.conf', {
      PORT: port,
      WORKERS: width,
      UPSTREAM_PORT: upstream[0],
      SECOND_UPSTREAM_PORT: upstream[1],
    })
  },
}

/** An nginx on one of the configurations beside this file. */
export async function nginxCommand(
  folder: string,
  name: 'nginx.conf' | 'upstream.conf',
  values: Readonly<Record<string, string | number>>,
): Promise<{ readonly words: [string, ...string[]] }> {
  const text = await readFile(path.join(import.meta.dirname, name), 'utf8')
  const file = path.join(folder, name)
  await writeFile(file, fillIn(text, { FOLDER: folder, ...values }))
  return { words: [requireProgram('nginx'), '-p', folder, '-e', 'error.log', '-c', file] }
}
