import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import { useCompiledGateway } from '../support/compiled-gateway.ts'
import { registerSpecs } from './register.ts'

// npm run conformance -- [--only TEXT] [--workers N] [--concurrency N] [--sources]
const { values } = parseArgs({
  options: {
    /** Cases whose path contains this: `routing/`, `cors/defaults`. */
    only: { type: 'string' },
    /** 1 and 4, one after the other, unless told. */
    workers: { type: 'string' },
    concurrency: { type: 'string', default: String(2 * availableParallelism()) },
    /** Starts the command from its sources instead of building it first. */
    sources: { type: 'boolean', default: false },
  },
})

if (!values.sources) useCompiledGateway()
for (const workers of values.workers === undefined ? [1, 4] : [Number(values.workers)])
  await registerSpecs({
    workers,
    concurrency: Number(values.concurrency),
    only: values.only,
  })
