import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { type TestContext, test } from 'node:test'
import { promisify } from 'node:util'
import { freePort } from '../../test/support/free-port.ts'
import { launchGateway } from '../../test/support/gateway-process.ts'
import { startHttpServer } from '../../test/support/http-server.ts'

const ROOT = path.resolve(import.meta.dirname, '../..')
const NPM_LIMIT_MS = 180_000
const NO_REGISTRY =
  /ENOTFOUND|ECONNREFUSED|ECONNRESET|ETIMEDOUT|EAI_AGAIN|ENETUNREACH|E40[13]|E50\d/
const execute = promisify(execFile)

test('the packed command, installed in an empty folder, serves a request', async (context) => {
  const dir = await mkdtemp(path.join(os.tmpdir(), 'gateway-pack-'))
  context.after(() => rm(dir, { recursive: true, force: true }))
  const tarball = await pack(dir)
  if (!(await install(dir, tarball, context))) return
  await serves(path.join(dir, 'node_modules/.bin/gateway'), dir)
})

async function pack(dir: string): Promise<string> {
  // its prepack script is the build
  await npm(['pack', '--pack-destination', dir], ROOT)
  const [tarball = ''] = (await readdir(dir)).filter((name) => name.endsWith('.tgz'))
  const { stdout } = await execute('tar', ['-tzf', path.join(dir, tarball)])
  for (const file of [
    'LICENSE',
    'THIRD-PARTY-NOTICES.md',
    'dist/sbom.cdx.json',
    'dist/internal/process/request-thread.js',
    'dist/internal/config/validator.js',
    'dist/internal/config/schema.json',
  ])
    assert.ok(stdout.includes(`package/${file}\n`), `${file} is in the package`)
  assert.match(stdout, /^package\/dist\/compiled\/.+/m, 'compiled code is in the package')
  assert.doesNotMatch(stdout, /\.test\.|package\/(internal|test|node_modules)\//)
  return tarball
}

/** `false`, and the test skipped, where there is no registry to install the dependencies from. */
async function install(dir: string, tarball: string, context: TestContext): Promise<boolean> {
  await writeFile(path.join(dir, 'package.json'), '{"private": true}')
  try {
    const flags = [
      '--ignore-scripts',
      '--no-audit',
      '--no-fund',
      '--fetch-retries=1',
      '--prefer-offline',
    ]
    await npm(['install', ...flags, `./${tarball}`], dir)
    return true
  } catch (error) {
    const reason = NO_REGISTRY.exec(String(error))?.[0]
    if (reason === undefined) throw error
    context.skip(`no package registry: ${reason}`)
    return false
  }
}

async function serves(command: string, dir: string): Promise<void> {
  await using upstream = await startHttpServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' }).end('{"id":7}')
  })
  const port = await freePort()
  const backend = { host: [upstream.url], url_pattern: '/' }
  const config = { version: 3, port, endpoints: [{ endpoint: '/packed', backend: [backend] }] }
  const file = path.join(dir, 'krakend.json')
  await writeFile(file, JSON.stringify(config))
  const gateway = launchGateway({ command: [process.execPath, command], args: ['-c', file], dir })
  try {
    assert.ok(await gateway.listening(port), gateway.output())
    const reply = await fetch(`http://127.0.0.1:${port}/packed`)
    assert.deepEqual([reply.status, await reply.json()], [200, { id: 7 }])
  } finally {
    await gateway.kill()
  }
}

async function npm(words: readonly string[], cwd: string): Promise<void> {
  await execute('npm', words, {
    cwd,
    timeout: NPM_LIMIT_MS,
    env: { ...process.env, npm_config_loglevel: 'error' },
  })
}
