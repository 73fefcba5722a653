import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import { gatewayCommand } from './gateway-process.ts'

const LIMIT_MS = 30_000

/** A run of the real command that is to end by itself, and what it must do. */
export type CommandCase = {
  readonly name: string
  readonly words: readonly string[]
  readonly env?: NodeJS.ProcessEnv
  readonly status: number
  /** What stderr and stdout must match; nothing may be printed where nothing is listed. */
  readonly err?: readonly RegExp[]
  readonly out?: readonly RegExp[]
}

type Ended = { readonly status: number | null; readonly out: string; readonly err: string }

/** A folder of this test file's own, and how to put a file there. Gone after the tests. */
export function scratchFolder(): { path: string; file(name: string, content: unknown): string } {
  const path = mkdtempSync(join(tmpdir(), 'gateway-'))
  after(() => rmSync(path, { recursive: true }))
  return {
    path,
    file(name, content) {
      const place = join(path, name)
      writeFileSync(place, typeof content === 'string' ? content : JSON.stringify(content))
      return place
    },
  }
}

/** Registers a test for each case: the real command runs in `folder` until it ends. */
export function commandTests(title: string, folder: string, cases: readonly CommandCase[]): void {
  describe(title, { concurrency: 2 }, () => {
    for (const { name, words, env = {}, status, err = [/^$/], out = [/^$/] } of cases) {
      test(name, async () => {
        const ended = await run(words, folder, env)
        for (const pattern of err) assert.match(ended.err, pattern)
        for (const pattern of out) assert.match(ended.out, pattern)
        assert.equal(ended.status, status)
        assert.doesNotMatch(ended.err + ended.out, /\u001b/, 'colours outside a terminal')
      })
    }
  })
}

async function run(words: readonly string[], cwd: string, env: NodeJS.ProcessEnv): Promise<Ended> {
  const [program, ...first] = gatewayCommand()
  const child = spawn(program, [...first, ...words], {
    cwd,
    env: { PATH: process.env['PATH'], ...env },
    timeout: LIMIT_MS,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const out = collect(child.stdout)
  const err = collect(child.stderr)
  const { promise, resolve, reject } = Promise.withResolvers<number | null>()
  child.once('error', reject)
  child.once('close', resolve)
  return { status: await promise, out: out(), err: err() }
}

function collect(stream: NodeJS.ReadableStream): () => string {
  let text = ''
  stream.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk
  })
  return () => text
}
