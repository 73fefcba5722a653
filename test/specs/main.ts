import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import { implementedNamespaces } from '../../internal/features/table.ts'
import { useCompiledGateway } from '../support/compiled-gateway.ts'
import { registerSpecs } from './register.ts'

// npm run conformance -- [--only TEXT] [--workers N] [--concurrency N] [--all] [--sources]
const { values } = parseArgs({
  options: {
    /** Cases whose path contains this: `routing/`, `cors/defaults`. */
    only: { type: 'string' },
    /** 1 and 4, one after the other, unless told. */
    workers: { type: 'string' },
    concurrency: { type: 'string', default: String(2 * availableParallelism()) },
    /** Also those that wait for a namespace. */
    all: { type: 'boolean', default: false },
    /** Starts the command from its sources instead of building it first. */
    sources: { type: 'boolean', default: false },
  },
})

if (!values.sources) useCompiledGateway()
const everything: ReadonlySet<string> = Object.assign(new Set<string>(), { has: () => true })
const implemented = values.all ? everything : implementedNamespaces
for (const workers of values.workers === undefined ? [1, 4] : [Number(values.workers)])
  await registerSpecs({
    workers,
    implemented,
    concurrency: Number(values.concurrency),
    only: values.only,
  })
