import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import type { Program } from './program.ts'

/** KrakenD, when the variable `KRAKEND` names its binary. */
export const krakend: Program = {
  missing() {
    const file = process.env['KRAKEND']
    if (file === undefined) return 'KRAKEND=path is not given'
    return existsSync(file) ? undefined : `KRAKEND=${file} does not exist`
  },
  version() {
    const { stdout, stderr } = spawnSync(binary(), ['version'], { encoding: 'utf8' })
    return /^KrakenD Version: .*$/m.exec(`${stdout}\n${stderr}`)?.[0] ?? 'KrakenD'
  },
  async prepare({ folder, port, document }) {
    const file = path.join(folder, 'krakend.json')
    await writeFile(file, JSON.stringify({ ...document, port }))
    // its threads follow the processors it is pinned to
    return { words: [binary(), 'run', '-c', file], env: { USAGE_DISABLE: '1' } }
  },
}

const binary = (): string => path.resolve(process.env['KRAKEND'] ?? '')
