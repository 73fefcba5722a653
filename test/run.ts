import { glob } from 'node:fs/promises'
import path from 'node:path'
import { Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { run } from 'node:test'
import { spec } from 'node:test/reporters'
import { parseArgs } from 'node:util'
import { useCompiledGateway } from './support/compiled-gateway.ts'

// npm test [-- --only TEXT] [--quick] [--long]
const { values } = parseArgs({
  options: {
    /** Only files whose path contains this. */
    only: { type: 'string', default: '' },
    /** Without the end-to-end cases and without tests that need servers: for the time before a commit. */
    quick: { type: 'boolean', default: false },
    /** Storms and leak tests run for as long as their result deserves, not for as long as a developer waits. */
    long: { type: 'boolean', default: false },
  },
})

const ROOT = path.resolve(import.meta.dirname, '..')
/** Files at a time: the cases count seconds, so they want a machine that is not crowded. */
const CONCURRENCY = 2
/** One test file may take this long before it counts as hanging. */
const FILE_LIMIT_MS = 20 * 60_000

async function testFiles(): Promise<string[]> {
  const folders = values.quick ? '{internal,cmd}' : '{internal,cmd,test,bench}'
  const wanted: string[] = []
  for await (const file of glob(`${folders}/**/*.test.ts`, { cwd: ROOT }))
    if (file.includes(values.only)) wanted.push(file)
  wanted.sort()
  const isLast = (file: string) => file.startsWith('test/specs/')
  return [...wanted.filter((file) => !isLast(file)), ...wanted.filter(isLast)]
}

/** node's summary in the form that its TAP reporter gives it (`# pass 12`), which scripts look for. */
function summaryAsTap(): Transform {
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      done(null, chunk.toString('utf8').replaceAll(/^ℹ (?=\w+ [\d.]+$)/gm, '# '))
    },
  })
}

const files = await testFiles()
if (files.length === 0) {
  process.stderr.write(`no test file's path contains ${JSON.stringify(values.only)}\n`)
  process.exit(2)
}
if (files.some((file) => !file.startsWith('internal/'))) useCompiledGateway()
if (values.long) process.env['TEST_LONG'] = '1'

const results = run({
  files: files.map((file) => path.join(ROOT, file)),
  cwd: ROOT,
  concurrency: CONCURRENCY,
  timeout: FILE_LIMIT_MS,
})
let lastLine = 'no result'
results.on('test:summary', ({ counts, success, file }) => {
  if (file !== undefined) return
  const failed = counts.tests - counts.passed - counts.skipped - counts.todo
  lastLine = `${counts.passed} passed, ${failed} failed, ${counts.skipped} skipped`
  if (!success) process.exitCode = 1
})
await pipeline(results.compose(spec), summaryAsTap(), process.stdout, { end: false })
process.stdout.write(`${lastLine}\n`)
