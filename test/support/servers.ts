import { execFile } from 'node:child_process'
import path from 'node:path'
import { promisify } from 'node:util'
import { missingOf, type ServerName, servers } from '../servers/table.ts'
import { lockServer } from './server-lock.ts'

const START_LIMIT_MS = 150_000
const execute = promisify(execFile)

/** A real server of `test/servers`, ours alone from the first start on. Its ports are fixed; the script's head says which. */
export type TestServer = {
  /** For `test(name, { skip })`: why tests of this server are skipped, or `false` when it is installed. */
  readonly skip: string | false
  /** Starts it (`variant`: `auth`, `tls`, `plain`, ... where its script has several) and waits until it answers. */
  start(variant?: string, env?: Readonly<Record<string, string>>): Promise<void>
  stop(): Promise<void>
  /** Another word of its script (`add`, `ctl`, `register`, ...); resolves with what it printed. */
  call(...words: readonly string[]): Promise<string>
}

/**
 * The server `name`, or the reason why tests that need it must be skipped (`make test-servers` installs it).
 *
 *     const knot = serverOrSkip('knot')
 *     test('keeps the hosts when …', { skip: knot.skip }, async () => { await knot.start() … })
 */
export function serverOrSkip(name: ServerName): TestServer {
  const row = servers.find((one) => one.name === name)
  if (row === undefined) throw new Error(`no server ${name} in test/servers/table.ts`)
  const missing = missingOf(row)
  const script = path.resolve(import.meta.dirname, '../servers', row.script)
  const run = async (words: readonly string[], env?: Readonly<Record<string, string>>) => {
    const { stdout } = await execute('bash', [script, ...words], {
      env: { ...process.env, ...row.env, ...env },
      timeout: START_LIMIT_MS,
    })
    return stdout
  }
  return {
    skip:
      missing.length > 0 &&
      `${name} is not installed (make test-servers): no ${missing.join(', ')}`,
    async start(variant, env) {
      await lockServer(row.script)
      await run(variant === undefined ? ['start'] : ['start', variant], env)
    },
    async stop() {
      await run(['stop'])
    },
    call: (...words) => run(words),
  }
}
