import { spawnSync } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { type Options, readOptions } from './options.ts'
import { findProgram } from './programs/find-program.ts'
import { gateway } from './programs/gateway.ts'
import { report } from './report.ts'
import { parts, runBench } from './run.ts'

// npm run bench [-- --only json,post,start] [--rounds 3] [--seconds 3] [--threads 1,2] [--quick] [--out FILE]
const NEEDED = ['nginx', 'haproxy', 'wrk']

async function main(args: readonly string[]): Promise<void> {
  const options = readOptions(args)
  refuseUnknownParts(options)
  if (process.platform !== 'linux') throw new Error('the bench reads /proc: it needs Linux')
  const missing = gateway.missing()
  if (missing !== undefined) throw new Error(missing)
  installPeers()
  const page = report(await runBench(options, args))
  process.stdout.write(page)
  if (options.out !== undefined) await writeFile(options.out, page)
}

function refuseUnknownParts({ only }: Options): void {
  const unknown = only.filter((name) => !parts.includes(name))
  if (unknown.length > 0)
    throw new Error(`--only ${unknown.join(',')}: there are ${parts.join(', ')}`)
}

/** Peers and load come from Debian; without HAProxy its column is missing, without the others there is no bench. */
function installPeers(): void {
  if (NEEDED.every((name) => findProgram(name) !== undefined)) return
  spawnSync(path.join(import.meta.dirname, 'peers.sh'), { stdio: 'inherit' })
}

// so that an interrupted bench ends what it started: the handlers of 'exit' run
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1))
try {
  await main(process.argv.slice(2))
} catch (error) {
  process.stderr.write(`bench: ${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = 1
}
