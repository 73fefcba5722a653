#!/usr/bin/env node
import { setUpHeap } from '../../internal/process/heap-flags.ts'
import { tooOld } from './node-version.ts'

const complaint = tooOld(process.versions.node)
if (complaint !== undefined) {
  process.stderr.write(complaint)
  process.exit(1)
}
setUpHeap()
// Only now: an older Node cannot even link what follows.
const { runCommandLine } = await import('../../internal/cli/command-line.ts')

// A reader that went away (`gateway help | head -1`) ends the output, not the process.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
  })
}

process.exitCode = await runCommandLine(process.argv.slice(2), process.env, {
  out: (text) => void process.stdout.write(text),
  err: (text) => void process.stderr.write(text),
  colours: process.stderr.isTTY && process.env['NO_COLOR'] === undefined,
})
