import { spawnSync } from 'node:child_process'
import path from 'node:path'

const ROOT = path.resolve(import.meta.dirname, '../..')
/** Not `dist`: a test that packs replaces that one while others run. */
const FOLDER = path.join(ROOT, '.cache/test-dist')

/**
 * Builds the command once and lets every gateway of this test run start from that: a start from sources strips
 * types and compiles the schema each time, five times the work. `GATEWAY_COMMAND` of the caller wins.
 */
export function useCompiledGateway(): void {
  if (process.env['GATEWAY_COMMAND'] !== undefined) return
  const build = path.join(ROOT, 'cmd/build/main.ts')
  const { status } = spawnSync(process.execPath, [build, '--out', FOLDER], {
    stdio: 'inherit',
  })
  if (status !== 0)
    throw new Error(
      'the gateway does not build (GATEWAY_COMMAND or, for the cases, --sources does without)',
    )
  process.env['GATEWAY_COMMAND'] = `${process.execPath} ${path.join(FOLDER, 'cmd/gateway/main.js')}`
}
