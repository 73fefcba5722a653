import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { type TestContext, test } from 'node:test'
import { freePort } from '../test/support/free-port.ts'
import { startProgram } from './running.ts'

async function start(t: TestContext, source: string) {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'bench-'))
  t.after(() => rm(folder, { recursive: true }))
  const port = await freePort()
  const words = [process.execPath, '-e', source, String(port)] as const
  return await startProgram({ command: { words }, folder, port })
}

test('a program is started when it answers, and gone when it is stopped', async (t) => {
  const running = await start(
    t,
    "require('node:http').createServer((q, s) => s.end()).listen(process.argv[1], '127.0.0.1')",
  )
  assert.ok(running.startMs > 0)
  await running.stop()
  assert.throws(() => process.kill(running.pid, 0), /ESRCH/)
})

test('a program that ends before it answers fails with what it printed', async (t) => {
  await assert.rejects(start(t, "console.error('no such file'); process.exit(3)"), (error) => {
    assert.match(String(error), /ended with 3\nno such file/)
    return true
  })
})
