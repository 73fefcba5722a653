import { spawnSync } from 'node:child_process'
import path from 'node:path'
import { missingOf, type ServerRow, servers, stateFolder } from './table.ts'

// npm run test:servers [-- NAME...]: installs the real servers that tests use. What cannot be installed is printed,
// and its tests are skipped by name; that alone never fails.
const ONE_LIMIT_MS = 15 * 60_000
const OUTPUT_SHOWN = 400

type Result = { readonly row: ServerRow; readonly seconds: number; readonly problem: string }

function install(row: ServerRow): Result {
  const startMs = Date.now()
  if (missingOf(row).length === 0) return { row, seconds: 0, problem: '' }
  process.stdout.write(`installing ${row.name} (${row.from}) ...\n`)
  const script = path.join(import.meta.dirname, row.script)
  const { error, stderr } = spawnSync('bash', [script, row.install], {
    encoding: 'utf8',
    timeout: ONE_LIMIT_MS,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const missing = missingOf(row)
  const reason = error?.message ?? stderr.trim().slice(-OUTPUT_SHOWN)
  const problem = missing.length === 0 ? '' : `no ${missing.join(', ')}\n${reason}`
  return { row, seconds: Math.round((Date.now() - startMs) / 1000), problem }
}

const names = process.argv.slice(2)
const unknown = names.filter((name) => !servers.some((row) => row.name === name))
if (unknown.length > 0) {
  process.stderr.write(
    `unknown: ${unknown.join(', ')}; there are ${servers.map((row) => row.name).join(', ')}\n`,
  )
  process.exit(2)
}
const results = servers.filter((row) => names.length === 0 || names.includes(row.name)).map(install)
for (const { row, seconds, problem } of results)
  process.stdout.write(
    `${problem === '' ? 'ok     ' : 'MISSING'} ${row.name} (${seconds} s) ${problem.replaceAll('\n', '\n        ')}\n`,
  )
const missing = results.filter(({ problem }) => problem !== '')
process.stdout.write(
  `${results.length - missing.length} of ${results.length} servers are there (state: ${stateFolder()})${
    missing.length === 0
      ? ''
      : `; tests of ${missing.map(({ row }) => row.name).join(', ')} will be skipped`
  }\n`,
)
